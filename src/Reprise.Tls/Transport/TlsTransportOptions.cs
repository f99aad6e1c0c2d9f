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

    /// <summary>Decrypted bytes that wait for the application before reading pauses.</summary>
    public long MaxReadBufferSize { get; set; } = 1024 * 1024;

    /// <summary>Bytes that wait for the client before the application's writes pause.</summary>
    public long MaxWriteBufferSize { get; set; } = 64 * 1024;

    /// <summary>At a stop: how long handshakes under way and connections before their first request may still take.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
