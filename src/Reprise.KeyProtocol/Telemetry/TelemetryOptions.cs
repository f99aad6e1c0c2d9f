namespace Reprise.KeyProtocol.Telemetry;

/// <summary>Where metrics and traces are sent by OTLP. A collector that is away or slow costs what is meant for it, and nothing else.</summary>
public class TelemetryOptions
{
    public const string SectionName = "Telemetry";

    /// <summary>
    /// The collector: <c>http(s)://HOST:PORT</c>, usually port 4318 (HttpProtobuf) or 4317 (Grpc). Default none: nothing is sent.
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>How it is spoken to; with HttpProtobuf under the paths <c>/v1/traces</c> and <c>/v1/metrics</c>. Default HttpProtobuf.</summary>
    public TelemetryProtocol Protocol { get; set; }

    /// <summary>
    /// File with a header in each line, <c>NAME: VALUE</c>, that is sent to the collector; most often a key, so nobody else should be able
    /// to read it, and the collector is spoken to by https or is on this machine. Read again at each export. Default none.
    /// </summary>
    public string? HeadersFile { get; set; }

    /// <summary>PEM file of the only authorities that may have signed the collector's certificate. Default: the system's.</summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>How long an export may take; then what it held is lost. 100 ms to 1 min; default 5 s. A stop may take as long.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether metrics are sent too. <c>/metrics</c> has them in any case. Default true.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>How often. 1 s to 1 h; default 1 min.</summary>
    public TimeSpan MetricsInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Makes paths absolute.</summary>
    public void Resolve(Func<string, string> resolve)
    {
        HeadersFile = HeadersFile is { Length: > 0 } headers ? resolve(headers) : null;
        CertificateAuthorityFile = CertificateAuthorityFile is { Length: > 0 } authorities ? resolve(authorities) : null;
    }
}
