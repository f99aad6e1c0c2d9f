using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>Real ClientHellos, each the record that openssl sends first, to be changed.</summary>
internal static class ClientHelloBytes
{
    /// <summary>Lets openssl say hello to a socket that closes.</summary>
    public static async Task<byte[]> OfAsync(string? version, bool noTicket = false, string? session = null, string? serverName = null, params IReadOnlyList<string> arguments)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var client = new OpenSsl($"127.0.0.1:{port}")
        {
            Version = version,
            NoTicket = noTicket,
            SessionIn = session,
            ServerName = serverName,
            Arguments = arguments,
            Request = "",
        }.RunAsync();
        byte[] hello;
        using (var socket = await listener.AcceptAsync())
        await using (var stream = new NetworkStream(socket))
        {
            var header = new byte[5];
            await stream.ReadExactlyAsync(header);
            hello = new byte[5 + BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
            header.CopyTo(hello, 0);
            await stream.ReadExactlyAsync(hello.AsMemory(5));
        }

        await client;
        return hello;
    }

    /// <summary>The same with one extension under another number: for the server, without it.</summary>
    public static byte[] WithExtensionType(byte[] hello, ushort type, ushort other)
    {
        var changed = (byte[])hello.Clone();
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(FindExtension(hello, type)), other);
        return changed;
    }

    /// <returns>Where the extension begins: two bytes of type, two of length, content.</returns>
    public static int FindExtension(byte[] hello, ushort type)
    {
        var at = 5 + 4 + 2 + 32; // record, handshake, version, random
        at += 1 + hello[at]; // session ID
        at += 2 + BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at)); // cipher suites
        at += 1 + hello[at]; // compression methods
        at += 2;
        while (at < hello.Length)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at)) == type)
                return at;
            at += 4 + BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at + 2));
        }

        throw new ArgumentException($"No extension {type} in this ClientHello.");
    }
}
