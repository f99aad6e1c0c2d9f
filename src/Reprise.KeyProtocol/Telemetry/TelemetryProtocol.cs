namespace Reprise.KeyProtocol.Telemetry;

/// <summary>How the collector is spoken to.</summary>
public enum TelemetryProtocol
{
    /// <summary>Protobuf in HTTP/1.1 requests.</summary>
    HttpProtobuf,

    /// <summary>gRPC.</summary>
    Grpc,
}
