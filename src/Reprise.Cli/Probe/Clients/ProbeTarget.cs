using System.Net;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Clients;

/// <summary>One connection to make.</summary>
/// <param name="EndPoint">The node.</param>
/// <param name="ServerName">SNI, HTTP Host, and what the certificate must be for.</param>
/// <param name="Version">The only version to offer.</param>
/// <param name="Mode">TLS 1.2: whether a ticket is asked for (stateless) or must not be (stateful).</param>
/// <param name="AuthorityFile">PEM file of the CA that the server's chain must lead to; null for those that this machine trusts.</param>
internal sealed record ProbeTarget(IPEndPoint EndPoint, string ServerName, TlsVersion Version, ResumptionMode Mode, string? AuthorityFile)
{
    /// <summary>For each step of a connection.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Told of all that passes; stays the caller's. One connection only. Null: nothing is recorded.</summary>
    public WireRecording? Recording { get; init; }
}
