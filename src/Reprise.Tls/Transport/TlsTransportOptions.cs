namespace Reprise.Tls;

/// <summary>Limits of the transport.</summary>
public sealed class TlsTransportOptions
{
    /// <summary>Event loops, each with its thread and its listeners. 0: one per core.</summary>
    public int Loops { get; set; }

    /// <summary>Backlog of each listening socket; the kernel caps it at net.core.somaxconn.</summary>
    public int Backlog { get; set; } = 4096;

    /// <summary>
    /// Whether another process of this user may listen on the same addresses at the same time, as for a restart without a gap.
    /// False: an address that is taken is refused, as a mistake. (The loops share an address by SO_REUSEPORT in either case,
    /// and that alone would let two nodes share one without a word.)
    /// </summary>
    public bool SharePorts { get; set; }

    /// <summary>
    /// Where a process that starts finds the one before it, takes its listening sockets over, and is found by the next: the path of a
    /// socket of unix(7) in a directory that nobody else may write to. Null: nothing is taken or handed over.
    /// </summary>
    public string? TakeOverSocket { get; set; }

    /// <summary>Connections at once on all listeners; more wait in the backlog. 0: as many as there are descriptors.</summary>
    public int MaxConnections { get; set; }

    /// <summary>Connections at once of one client address (an IPv6 /64); more are reset. 0: any number.</summary>
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>New connections in a second of one client address, and as many at once after a pause; more are reset. 0: any number.</summary>
    public int MaxHandshakesPerSecondPerAddress { get; set; }

    /// <summary>Client addresses that are remembered for these limits, some 60 bytes each; those that find no room are not limited.</summary>
    public int MaxTrackedAddresses { get; set; } = 65536;

    /// <summary>Peers whose PROXY headers are believed, on listeners that take them.</summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; set; } = [];

    /// <summary>How long such a header may take from the accept on; checked to the second.</summary>
    public TimeSpan ProxyHeaderTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether the application tells of its requests by <see cref="ITlsRequestFeature"/>. Then connections without one are closed
    /// after the profile's idle timeout.
    /// </summary>
    public bool RequestsAreCounted { get; set; }

    /// <summary>Decrypted bytes that wait for the application before reading pauses.</summary>
    public long MaxReadBufferSize { get; set; } = 1024 * 1024;

    /// <summary>
    /// Bytes that wait for the client before the application's writes pause. With 64 KiB, what a proxy writes at once, application and loop
    /// would wait for each other at each write.
    /// </summary>
    public long MaxWriteBufferSize { get; set; } = 256 * 1024;

    /// <summary>At a stop: how long handshakes under way and connections before their first request may still take.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
