namespace Reprise.Cli.Probe.Clients;

/// <summary>
/// A TLS implementation that can do full and resumed handshakes. There are two, so that the proof is not one library
/// talking to itself. Thread-safe; each call makes a connection of its own, blocks until it is over, and gives up on a
/// silent node after some seconds.
/// </summary>
internal interface IProbeClient
{
    /// <summary>As <c>--client</c> spells it.</summary>
    string Name { get; }

    /// <summary>With its version, for people.</summary>
    string Title { get; }

    /// <summary>Why it cannot do this kind of resumption at all; null if it can.</summary>
    string? WhyNot(TlsVersion version, ResumptionMode mode);

    /// <summary>Connects, talks over the connection, and closes cleanly.</summary>
    /// <param name="target">Which node, how.</param>
    /// <param name="offer">A session to resume, one of this client's own; null for a full handshake. Stays the caller's.</param>
    /// <param name="talk">Is given the plaintext side. A TLS 1.3 session comes while it reads.</param>
    /// <param name="cancellationToken">Looked at between steps.</param>
    /// <exception cref="ProbeException">No connection, no handshake or no talk: says which.</exception>
    Task<Contact<T>> TalkAsync<T>(
        ProbeTarget target, IDisposable? offer, Func<Stream, CancellationToken, Task<T>> talk, CancellationToken cancellationToken);
}

internal static class ProbeClientOfNodes
{
    /// <summary>Connects, asks the node for its own report over the connection, and closes cleanly.</summary>
    /// <inheritdoc cref="IProbeClient.TalkAsync"/>
    public static async Task<Exchange> ConnectAsync(
        this IProbeClient client, ProbeTarget target, IDisposable? offer, CancellationToken cancellationToken)
    {
        var contact = await client.TalkAsync(
            target, offer, (connection, token) => NodeReport.AskAsync(connection, target.ServerName, token), cancellationToken);
        return new(contact.Resumed, contact.Said, contact.Session);
    }
}
