using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Probe.Matrix;

/// <summary>One way to resume, to be tried with every pair of nodes.</summary>
internal sealed record ProbeCase(TlsVersion Version, ResumptionMode Mode, IProbeClient Client, string ServerName)
{
    public string Title => $"TLS {Version.ToName()} {How}, {Client.Title}";

    /// <summary>The same in a table's cell, as <c>1.2 session ID, OpenSSL</c>.</summary>
    public string Brief => $"{Version.ToName()} {Presented}, {Client.Title}";

    /// <summary>What the client presents.</summary>
    public string Presented => (Version, Mode) switch
    {
        (TlsVersion.Tls12, ResumptionMode.Stateful) => "session ID",
        (TlsVersion.Tls13, ResumptionMode.Stateful) => "handle",
        _ => "ticket",
    };

    /// <summary>The mode, and what the client presents.</summary>
    public string How => $"{Mode.ToName()} ({Presented})";

    /// <summary>A connection of this kind.</summary>
    public ProbeTarget Target(ProbeNode node, string? authorityFile) => new(node.EndPoint, ServerName, Version, Mode, authorityFile);
}
