using System.Diagnostics;
using Microsoft.Extensions.Options;
using Reprise.Tls;

namespace Reprise.Edge.Traces;

/// <summary>Decides which handshakes have a trace.</summary>
internal sealed class HandshakeTraces(IOptions<EdgeTelemetryOptions> options, TimeProvider time)
{
    /// <summary>Handshakes and requests.</summary>
    public static readonly ActivitySource Source = new("Reprise.Edge");

    private static readonly object s_none = new();

    private readonly double _ratio = options.Value.TracesSampleRatio;

    /// <summary>
    /// The trace of a handshake, begun at the first call; null: it has none. Decided here rather than by a sampler, which is asked when
    /// there is something to sample already: nothing is allocated for a handshake without one. On its loop.
    /// </summary>
    public HandshakeTrace? Of(Handshake handshake)
    {
        if (!Source.HasListeners())
            return null;
        if (handshake.Trace is null)
            handshake.Trace = Random.Shared.NextDouble() < _ratio ? HandshakeTrace.Begin(handshake, time) ?? s_none : s_none;
        return handshake.Trace as HandshakeTrace;
    }
}
