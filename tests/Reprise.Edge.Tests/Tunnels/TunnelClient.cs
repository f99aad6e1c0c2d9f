using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Tunnels;

/// <summary>A TLS connection by <see cref="SslStream"/>, with its socket at hand.</summary>
internal sealed class TunnelClient : IAsyncDisposable
{
    private TunnelClient(Socket socket, SslStream tls)
    {
        Socket = socket;
        Tls = tls;
    }

    public Socket Socket { get; }

    public SslStream Tls { get; }

    public static async Task<TunnelClient> ConnectAsync(
        EdgeNode edge, string host, SslProtocols version = SslProtocols.None, X509Certificate2? certificate = null, params IReadOnlyList<string> alpn)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(edge.EndPoint);
        var client = new TunnelClient(socket, new SslStream(new NetworkStream(socket, ownsSocket: true)));
        await client.Tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = version,
            CertificateChainPolicy = edge.Trust(),
            AllowTlsResume = false,
            ClientCertificates = certificate is null ? null : [certificate],
            ApplicationProtocols = alpn.Count > 0 ? [.. alpn.Select(name => new SslApplicationProtocol(name))] : null,
        });
        return client;
    }

    public Task SendAsync(string text) => Tls.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    public async Task<string> ReceiveAsync(int length)
    {
        var buffer = new byte[length];
        await Tls.ReadExactlyAsync(buffer).AsTask().WaitAsync(Eventually.DefaultTimeout);
        return Encoding.ASCII.GetString(buffer);
    }

    /// <summary>What comes until close_notify.</summary>
    /// <exception cref="IOException">It ended without.</exception>
    public async Task<string> ReceiveToEndAsync()
    {
        using var reader = new StreamReader(Tls, Encoding.ASCII, leaveOpen: true);
        return await reader.ReadToEndAsync().WaitAsync(Eventually.DefaultTimeout);
    }

    /// <summary>No close_notify, no FIN.</summary>
    public void Reset() => Socket.Close(0);

    public ValueTask DisposeAsync() => Tls.DisposeAsync();
}
