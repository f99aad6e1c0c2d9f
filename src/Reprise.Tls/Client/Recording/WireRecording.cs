using System.Net;
using System.Security.Cryptography;

namespace Reprise.Tls.Client.Recording;

/// <summary>
/// What passes one client's connection: counts always and, if asked for, the bytes, the messages in them and the key log.
/// A client fills it while it works; it is read when the connection is over. Thread-safe for writing.
/// </summary>
/// <remarks>With content it holds the connection's secrets; they are zeroed by <see cref="Dispose"/>.</remarks>
/// <param name="keepsContent">False: counts only.</param>
/// <param name="time">The clock.</param>
public sealed class WireRecording(bool keepsContent, TimeProvider time) : IDisposable
{
    /// <summary>What is kept of one connection; a server decides how much it sends.</summary>
    public const int MaxContent = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<WireChunk> _chunks = [];
    private readonly List<TlsMessage> _messages = [];
    private readonly MemoryStream _keyLog = new();
    private WireDirection? _last;
    private WireCount _total;
    private int _kept;
    private long _start;

    /// <summary>Whether bytes, messages and secrets are kept.</summary>
    public bool KeepsContent => keepsContent;

    /// <summary>When the TCP connection stood.</summary>
    public DateTimeOffset ConnectedAt { get; private set; }

    /// <summary>The client's address; null until it is connected.</summary>
    public IPEndPoint? Client { get; private set; }

    /// <summary>The server's address; null until it is connected.</summary>
    public IPEndPoint? Server { get; private set; }

    /// <summary>All that passed so far.</summary>
    public WireCount Total => _total with { Elapsed = Elapsed };

    /// <summary>
    /// What had passed when the client's handshake was over: it had sent its Finished and seen the server's. TLS 1.3 tickets come later.
    /// Null if it never was.
    /// </summary>
    public WireCount? Handshake { get; private set; }

    /// <summary>In the order in which they passed; empty without content.</summary>
    public IReadOnlyList<WireChunk> Chunks => _chunks;

    /// <summary>In the order in which they passed; empty without content, or where the client cannot tell.</summary>
    public IReadOnlyList<TlsMessage> Messages => _messages;

    /// <summary>Whether there was more than <see cref="MaxContent"/>; the counts are right all the same.</summary>
    public bool Truncated { get; private set; }

    /// <summary>Lines in the key log format (<c>SSLKEYLOGFILE</c>): secret.</summary>
    public ReadOnlySpan<byte> KeyLog => _keyLog.GetBuffer().AsSpan(0, (int)_keyLog.Length);

    private TimeSpan Elapsed => time.GetElapsedTime(_start);

    /// <summary>The TCP connection stands. Called once, first.</summary>
    public void Begin(IPEndPoint client, IPEndPoint server)
    {
        (Client, Server) = (client, server);
        ConnectedAt = time.GetUtcNow();
        _start = time.GetTimestamp();
    }

    /// <summary>Bytes went through the socket.</summary>
    public void Passed(WireDirection direction, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        lock (_lock)
        {
            var flights = _last == direction ? _total.Flights : _total.Flights + 1;
            _last = direction;
            _total = direction == WireDirection.Sent
                ? _total with { BytesSent = _total.BytesSent + bytes.Length, Flights = flights }
                : _total with { BytesReceived = _total.BytesReceived + bytes.Length, Flights = flights };
            if (MayKeep(bytes.Length))
                _chunks.Add(new(direction, Elapsed, bytes.ToArray()));
        }
    }

    /// <summary>A message was read or is being written.</summary>
    public void Understood(WireDirection direction, byte contentType, ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            if (MayKeep(message.Length))
                _messages.Add(new(direction, Elapsed, contentType, message.ToArray()));
        }
    }

    /// <summary>A line of the key log, without its end.</summary>
    public void LogSecret(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            if (!MayKeep(line.Length + 1))
                return;
            Grow(line.Length + 1);
            _keyLog.Write(line);
            _keyLog.WriteByte((byte)'\n');
        }
    }

    /// <summary>The client's handshake is over.</summary>
    public void HandshakeDone() => Handshake ??= Total;

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_keyLog.GetBuffer());
        _keyLog.SetLength(0);
    }

    private bool MayKeep(int length)
    {
        if (!keepsContent)
            return false;
        Truncated |= _kept + length > MaxContent;
        if (!Truncated)
            _kept += length;
        return !Truncated;
    }

    // The stream would leave the secrets behind in the buffer that it grows out of.
    private void Grow(int more)
    {
        var needed = (int)_keyLog.Length + more;
        if (needed <= _keyLog.Capacity)
            return;
        var old = _keyLog.GetBuffer();
        _keyLog.Capacity = Math.Max(needed, 2 * _keyLog.Capacity);
        CryptographicOperations.ZeroMemory(old);
    }
}
