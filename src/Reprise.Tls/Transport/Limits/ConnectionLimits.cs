using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Reprise.Tls;

/// <summary>
/// What all listeners of a node may hold together. At the limit nothing more is accepted: connects wait in the backlog of the kernel,
/// as with nginx and HAProxy.
/// </summary>
internal sealed partial class ConnectionLimits(TlsTransportOptions options, ILogger logger)
{
    private readonly ConcurrentQueue<Acceptor> _waiting = new();
    private readonly int _most = options.MaxConnections;
    private int _count;
    private int _full; // 1 from the moment the limit was met until a tenth is free again: two log lines, not thousands

    public AddressTable Addresses { get; } =
        new(options.MaxConnectionsPerAddress, options.MaxHandshakesPerSecondPerAddress, options.MaxTrackedAddresses);

    /// <summary>Connections open now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place; false if there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= _most || _most == 0)
            return true;
        Interlocked.Decrement(ref _count);
        if (Interlocked.Exchange(ref _full, 1) == 0)
            Log.Full(logger, _most);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        var count = Interlocked.Decrement(ref _count);
        if (_most == 0)
            return;
        Call();
        if (count <= _most - (_most + 9) / 10 && Interlocked.Exchange(ref _full, 0) == 1)
            Log.Free(logger, _most);
    }

    /// <summary>Wakes the acceptor, on its loop, when there may be a place.</summary>
    public void Await(Acceptor acceptor)
    {
        _waiting.Enqueue(acceptor);
        if (Count < _most)
            Call(); // one has left since, and saw nobody waiting
    }

    private void Call()
    {
        while (_waiting.TryDequeue(out var acceptor))
            acceptor.Call();
    }

    private static partial class Log
    {
        [LoggerMessage(1005, LogLevel.Warning, "{Most} connections, which is the limit: connects wait until others end")]
        public static partial void Full(ILogger logger, int most);

        [LoggerMessage(1006, LogLevel.Information, "Below the limit of {Most} connections by a tenth again")]
        public static partial void Free(ILogger logger, int most);
    }
}
