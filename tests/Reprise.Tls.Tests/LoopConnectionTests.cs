using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Connections out, on the loops: what is sent arrives whole and in order, what comes goes on on the loop, ends are told.</summary>
public sealed class LoopConnectionTests : IDisposable
{
    private static readonly CancellationToken Patience = new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    private readonly EventLoops _loops = new(Microsoft.Extensions.Options.Options.Create(new TlsTransportOptions { Loops = 1 }), NullLoggerFactory.Instance);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopConnectionTests() => _listener.Start();

    private EndPoint Address => _listener.LocalEndpoint;

    public void Dispose()
    {
        _listener.Dispose();
        _loops.Dispose();
    }

    [Fact]
    public async Task Read_WhenBytesCome_GoesOnOnTheLoop()
    {
        await using var connection = await _loops.ConnectAsync(Address, Patience);
        using var peer = await _listener.AcceptSocketAsync(Patience);
        var reading = ReadOnAsync(connection);

        await peer.SendAsync("pong"u8.ToArray(), Patience);

        Assert.Equal(("pong", "reprise-tls-0"), await reading);

        static async Task<(string, string?)> ReadOnAsync(ConnectionContext connection)
        {
            var read = await connection.Transport.Input.ReadAsync(Patience).ConfigureAwait(false);
            return (Encoding.ASCII.GetString(read.Buffer.ToArray()), Thread.CurrentThread.Name);
        }
    }

    // More than any socket's buffer, so that it has to wait for the peer to read.
    [Fact]
    public async Task Flush_MoreThanThePeerTakes_ArrivesWholeAndInOrder()
    {
        await using var connection = await _loops.ConnectAsync(Address, Patience);
        using var peer = await _listener.AcceptSocketAsync(Patience);
        var sent = new byte[16 * 1024 * 1024];
        new Random(1).NextBytes(sent);

        for (var at = 0; at < sent.Length; at += 5000)
            await connection.Transport.Output.WriteAsync(sent.AsMemory(at, Math.Min(5000, sent.Length - at)), Patience);
        await Task.Delay(50, Patience); // it stands
        var received = new byte[sent.Length];
        for (var at = 0; at < received.Length;)
            at += await peer.ReceiveAsync(received.AsMemory(at), Patience);

        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Read_MoreThanOneTurnTakes_IsWholeAndInOrder()
    {
        await using var connection = await _loops.ConnectAsync(Address, Patience);
        using var peer = await _listener.AcceptSocketAsync(Patience);
        var sent = new byte[4 * 1024 * 1024];
        new Random(2).NextBytes(sent);

        var sending = peer.SendAsync(sent, Patience);
        var received = new ArrayBufferWriter<byte>(sent.Length);
        while (received.WrittenCount < sent.Length)
        {
            var read = await connection.Transport.Input.ReadAsync(Patience);
            foreach (var segment in read.Buffer)
                received.Write(segment.Span);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        }

        Assert.Equal(sent.Length, await sending);
        Assert.True(sent.AsSpan().SequenceEqual(received.WrittenSpan));
    }

    [Fact]
    public async Task Read_PeerHasClosed_EndsAfterWhatItSent()
    {
        await using var connection = await _loops.ConnectAsync(Address, Patience);
        using (var peer = await _listener.AcceptSocketAsync(Patience))
            await peer.SendAsync("bye"u8.ToArray(), Patience);

        var read = await connection.Transport.Input.ReadAtLeastAsync(4, Patience);

        Assert.True(read.IsCompleted);
        Assert.Equal("bye"u8.ToArray(), read.Buffer.ToArray());
        await Eventually.TrueAsync(() => connection.ConnectionClosed.IsCancellationRequested);
        await Eventually.TrueAsync(async () => (await connection.Transport.Output.FlushAsync(Patience)).IsCompleted); // and a writer hears of it
    }

    [Fact]
    public async Task Read_PeerHasReset_Fails()
    {
        await using var connection = await _loops.ConnectAsync(Address, Patience);
        using (var peer = await _listener.AcceptSocketAsync(Patience))
            peer.LingerState = new LingerOption(true, 0);

        await Assert.ThrowsAsync<IOException>(async () => await connection.Transport.Input.ReadAsync(Patience));
    }

    [Fact]
    public async Task Dispose_ClosesTheSocket()
    {
        var connection = await _loops.ConnectAsync(Address, Patience);
        using var peer = await _listener.AcceptSocketAsync(Patience);

        await connection.DisposeAsync();

        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], Patience));
    }

    [Fact]
    public async Task Connect_Refused_Fails()
    {
        _listener.Stop();

        await Assert.ThrowsAsync<IOException>(async () => await _loops.ConnectAsync(Address, Patience));
    }

    [Fact]
    public async Task Connect_NameWithAnAddressThatRefuses_TriesTheNext()
    {
        var port = ((IPEndPoint)Address).Port;

        await using var connection = await _loops.ConnectAsync(new DnsEndPoint("localhost", port), Patience); // ::1 first, where there is one

        Assert.Equal(Address, connection.RemoteEndPoint);
    }

    // 192.0.2.0/24 is for documentation (RFC 5737): nobody answers, or the kernel says at once that there is no way.
    [Fact]
    public async Task Connect_NobodyAnswers_EndsWhenItIsCancelled()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var fault = await Assert.ThrowsAnyAsync<Exception>(async () => await _loops.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 6379), deadline.Token));

        Assert.True(fault is IOException or OperationCanceledException, fault.ToString());
    }

    [Fact]
    public async Task Dispose_OfTheLoops_EndsTheirConnections()
    {
        var connection = await _loops.ConnectAsync(Address, Patience);
        using var peer = await _listener.AcceptSocketAsync(Patience);

        _loops.Dispose();

        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], Patience));
        Assert.True((await connection.Transport.Input.ReadAsync(Patience)).IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _loops.ConnectAsync(Address, Patience));
    }
}
