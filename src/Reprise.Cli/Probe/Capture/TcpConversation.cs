using System.Net;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Capture;

/// <summary>Makes the TCP segments that could have carried what was recorded, from SYN to FIN, nothing lost and nothing late.</summary>
internal sealed class TcpConversation(IPEndPoint client, IPEndPoint server)
{
    // 1500 bytes of Ethernet less the headers of IPv6 and TCP; what the real ones carried is not known above the socket.
    private const int MaxSegment = 1440;

    // OpenSSL reads a record's header and its body apart: what follows within this was one segment as like as not.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(1);

    private uint _sent;
    private uint _received;

    public IEnumerable<(DateTimeOffset At, byte[] Packet)> Replay(WireRecording recording)
    {
        var at = recording.ConnectedAt;
        yield return (at, FromClient(TcpFlags.Syn, []));
        yield return (at, FromServer(TcpFlags.Syn | TcpFlags.Ack, []));
        yield return (at, FromClient(TcpFlags.Ack, []));

        foreach (var (direction, elapsed, bytes) in Join(recording.Chunks))
        {
            at = recording.ConnectedAt + elapsed;
            foreach (var segment in bytes.Chunk(MaxSegment))
                yield return (at, direction == WireDirection.Sent ? FromClient(TcpFlags.Ack | TcpFlags.Push, segment) : FromServer(TcpFlags.Ack | TcpFlags.Push, segment));
        }

        yield return (at, FromClient(TcpFlags.Ack | TcpFlags.Fin, []));
        yield return (at, FromServer(TcpFlags.Ack | TcpFlags.Fin, []));
        yield return (at, FromClient(TcpFlags.Ack, []));
    }

    private static IEnumerable<(WireDirection Direction, TimeSpan At, byte[] Bytes)> Join(IReadOnlyList<WireChunk> chunks)
    {
        for (var first = 0; first < chunks.Count;)
        {
            var end = first + 1;
            while (end < chunks.Count && chunks[end].Direction == chunks[first].Direction && chunks[end].At - chunks[end - 1].At < Together)
                end++;
            yield return (chunks[first].Direction, chunks[first].At, [.. chunks.Take(first..end).SelectMany(chunk => chunk.Bytes.ToArray())]);
            first = end;
        }
    }

    private byte[] FromClient(TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        var packet = IpPacket.Create(client, server, _sent, _received, flags, payload);
        _sent += Length(flags, payload);
        return packet;
    }

    private byte[] FromServer(TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        var packet = IpPacket.Create(server, client, _received, _sent, flags, payload);
        _received += Length(flags, payload);
        return packet;
    }

    // RFC 9293 3.4: SYN and FIN take a number of their own.
    private static uint Length(TcpFlags flags, ReadOnlySpan<byte> payload) =>
        (uint)payload.Length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0 ? 1u : 0);
}
