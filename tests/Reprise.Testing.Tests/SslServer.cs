using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Reprise.Testing.Tests;

/// <summary>.NET's own TLS server, which resumes within one process: enough for a client to be tried on.</summary>
internal sealed class SslServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SslServerAuthenticationOptions _options;

    public SslServer(X509Certificate2 certificate)
    {
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync();
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        await using (var tls = new SslStream(client.GetStream()))
        {
            await tls.AuthenticateAsServerAsync(_options);
            var buffer = new byte[4096];
            while (await tls.ReadAsync(buffer) is var count and > 0)
            {
                if (Encoding.ASCII.GetString(buffer, 0, count).EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"u8.ToArray());
                    return;
                }
            }
        }
    }
}
