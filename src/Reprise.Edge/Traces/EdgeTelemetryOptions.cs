using System.ComponentModel.DataAnnotations;
using Reprise.KeyProtocol.Telemetry;

namespace Reprise.Edge.Traces;

/// <summary>Where metrics and traces are sent by OTLP, and what is traced. A collector that is away or slow costs what is meant for it, and nothing else.</summary>
internal sealed class EdgeTelemetryOptions : TelemetryOptions
{
    /// <summary>
    /// Of how many handshakes there is a trace, and of all requests on the connections that they began. 0: none; 1: all, which costs CPU
    /// time and memory with each. Default 0.01.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TracesSampleRatio { get; set; } = 0.01;

    /// <summary>
    /// What a request's own <c>traceparent</c>, <c>tracestate</c> and <c>baggage</c> are worth, while traces are sent. Restart: nothing, a new
    /// trace begins here. Continue: its trace goes on, and is recorded if it says so, which lets every client decide what is recorded here and
    /// behind: for callers that are trusted. Default Restart. (While none are sent, these headers reach upstreams as they came.)
    /// </summary>
    public ClientTraces ClientTraces { get; set; }
}
