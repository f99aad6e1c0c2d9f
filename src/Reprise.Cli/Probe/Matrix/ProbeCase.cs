using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Probe.Matrix;

/// <summary>One way to resume, to be tried with every pair of nodes.</summary>
internal sealed record ProbeCase(TlsVersion Version, ResumptionMode Mode, IProbeClient Client, string ServerName)
{
    public string Title => $"TLS {Version.ToName()} {How}, {Client.Title}";

    /// <summary>The mode, and what the client presents.</summary>
    public string How => (Version, Mode) switch
    {
        (TlsVersion.Tls12, ResumptionMode.Stateful) => "stateful (session ID)",
        (TlsVersion.Tls13, ResumptionMode.Stateful) => "stateful (handle)",
        _ => "stateless (ticket)",
    };

    /// <summary>A connection of this kind.</summary>
    public ProbeTarget Target(ProbeNode node, string authorityFile) => new(node.EndPoint, ServerName, Version, Mode, authorityFile);
}
