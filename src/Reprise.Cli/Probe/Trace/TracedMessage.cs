using System.Text.Json.Serialization;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Trace;

/// <summary>One message of a handshake, understood.</summary>
/// <param name="Direction">As the client sees it.</param>
/// <param name="Milliseconds">Since the TCP connection stood.</param>
/// <param name="Bytes">With the header of the message, without that of the record.</param>
/// <param name="Type">As its RFC calls it.</param>
internal sealed record TracedMessage(WireDirection Direction, double Milliseconds, int Bytes, string Type)
{
    /// <summary>What it means for the session, in a sentence.</summary>
    public string? Meaning { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClientHelloFacts? ClientHello { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServerHelloFacts? ServerHello { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CertificateFacts? Certificate { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TicketFacts? NewSessionTicket { get; init; }

    /// <summary>EncryptedExtensions: what ALPN chose.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Alpn { get; init; }

    /// <summary>Its description.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Alert { get; init; }
}
