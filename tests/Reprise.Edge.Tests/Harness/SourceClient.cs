using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Harness;

/// <summary>A client whose own address is chosen: Linux has all of 127.0.0.0/8.</summary>
internal static class SourceClient
{
    public const string Host = EdgeSettings.Stateless;

    /// <exception cref="IOException">Refused, or the handshake failed; so say other exceptions.</exception>
    public static async Task<SslStream> ConnectAsync(EdgeNode node, IPEndPoint to, string from, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(to, cancellationToken);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = Host, CertificateChainPolicy = node.Trust(), AllowTlsResume = false }, cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The whole answer to one request, to the end of the connection.</summary>
    public static async Task<string> GetAsync(SslStream stream, string path, CancellationToken cancellationToken = default)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get(path, Host)), cancellationToken);
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
