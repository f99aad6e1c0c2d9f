using System.Buffers.Binary;
using System.Net.Sockets;
using Org.BouncyCastle.Tls;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>A TCP connection to a node whose client says whatever a test wants, and reads the answer record by record.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly CancellationTokenSource _limit = new(Patience);

    private RawConnection(Socket socket)
    {
        _socket = socket;
        Stream = new NetworkStream(socket);
    }

    public NetworkStream Stream { get; }

    public static async Task<RawConnection> OpenAsync(EdgeNode node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(node.EndPoint);
        return new RawConnection(socket);
    }

    /// <summary>Sends, ends its side, and takes what decides.</summary>
    public static async Task<Outcome> ExchangeAsync(EdgeNode node, byte[] bytes)
    {
        using var connection = await OpenAsync(node);
        await connection.SendAsync(bytes);
        connection.End();
        return await connection.OutcomeAsync();
    }

    public async Task SendAsync(params byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes, _limit.Token);
        }
        catch (SocketException)
        {
            // It has been refused already: what is to be read says how.
        }
    }

    public void End()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The node was first.
        }
    }

    /// <summary>Reset, with no farewell.</summary>
    public void Reset() => _socket.Close(timeout: 0);

    /// <summary>The next that decides: an alert, a ServerHello, a HelloRetryRequest, or the end.</summary>
    public async Task<Outcome> OutcomeAsync()
    {
        while (await ReadRecordAsync() is { } record)
        {
            switch (record.Type)
            {
                case ContentType.alert:
                    return Outcome.Alert(record.Content[0], record.Content[1]);
                case ContentType.handshake when record.Content[0] == HandshakeType.server_hello:
                    return Outcome.Of(ServerHello.Parse(new MemoryStream(record.Content[4..])));
            }
        }

        return Outcome.Closed;
    }

    /// <summary>The next record of this type; null if the connection ended first.</summary>
    public async Task<byte[]?> ReadAsync(int type)
    {
        while (await ReadRecordAsync() is { } record)
        {
            if (record.Type == type)
                return record.Content;
        }

        return null;
    }

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
        _limit.Dispose();
    }

    private async Task<(int Type, byte[] Content)?> ReadRecordAsync()
    {
        try
        {
            var head = new byte[5];
            await Stream.ReadExactlyAsync(head, _limit.Token);
            var content = new byte[BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(3))];
            await Stream.ReadExactlyAsync(content, _limit.Token);
            return (head[0], content);
        }
        catch (IOException)
        {
            return null; // its end, or a reset
        }
    }
}
