using System.Net;
using System.Security.Authentication;
using Reprise.Tls.Client.Recording;

namespace Reprise.Tls.Client;

/// <summary>One connection of an <see cref="OpenSslClient"/>.</summary>
public sealed record OpenSslClientOptions
{
    /// <summary>Where to connect to.</summary>
    public required IPEndPoint EndPoint { get; init; }

    /// <summary>Sent as SNI, and what the certificate must be for. Null: no SNI, and any name will do.</summary>
    public string? ServerName { get; init; }

    /// <summary>The one version to offer: <see cref="SslProtocols.Tls12"/> or <see cref="SslProtocols.Tls13"/>.</summary>
    public required SslProtocols Version { get; init; }

    /// <summary>PEM file of the CAs that the server's chain must lead to; nothing else is trusted. Null: those that OpenSSL trusts on this machine.</summary>
    public required string? AuthorityFile { get; init; }

    /// <summary>PEM file of a certificate and the intermediates above it, for servers that ask for one. Null: none is shown.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of the key of <see cref="CertificateFile"/>. Null: it is in the same file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>TLS 1.2: does not offer the SessionTicket extension, so that a session is resumed by its ID or not at all.</summary>
    public bool NoTicket { get; init; }

    /// <summary>ALPN, in order of preference; empty for none.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>Offered for resumption; stays the caller's.</summary>
    public ClientSession? Session { get; init; }

    /// <summary>Told of all that passes; stays the caller's. Null: nothing is recorded.</summary>
    public WireRecording? Recording { get; init; }

    /// <summary>For connect, and for each wait for the other side after that.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);
}
