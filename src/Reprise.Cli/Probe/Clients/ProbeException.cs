namespace Reprise.Cli.Probe.Clients;

/// <summary>A connection came to nothing; the message is one line.</summary>
internal sealed class ProbeException(string message, bool unreachable, Exception inner) : Exception(message, inner)
{
    /// <summary>Whether nobody answered at all, as against a handshake or request that failed.</summary>
    public bool Unreachable { get; } = unreachable;

    /// <summary>Whether the server does not speak the version that was offered.</summary>
    public bool VersionRefused { get; init; }
}
