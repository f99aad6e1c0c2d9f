using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Dashboard.Tests.Harness;

/// <summary>.NET's TLS clients that come back again and again, each time to some node, until this is disposed of.</summary>
internal sealed class ClientLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Who keeps no session of another name begins anew, at another node: so each node issues some.
    private static readonly (string Host, SslProtocols Version)[] Clients =
    [
        ("stateful.reprise.test", SslProtocols.Tls12), ("stateful.reprise.test", SslProtocols.Tls13), ("stateless.reprise.test", SslProtocols.Tls12),
        ("one.reprise.test", SslProtocols.Tls13), ("two.reprise.test", SslProtocols.Tls13), ("three.reprise.test", SslProtocols.Tls13),
        ("one.reprise.test", SslProtocols.Tls12), ("two.reprise.test", SslProtocols.Tls12), ("three.reprise.test", SslProtocols.Tls12),
    ];

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task _clients;
    private int _handshakes;
    private int _resumedElsewhere;

    private ClientLoad(DashboardCluster cluster)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(cluster.Data("pki", "ca.crt"));
        int[] ports = [.. DashboardCluster.Edges.Select(cluster.PortOf)];
        _clients = Task.WhenAll(Clients.Select((client, first) => Task.Run(() => ComeBackAsync(client.Host, client.Version, ports, first, authority))));
    }

    public int Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>By a node that had not issued the session, as that node says.</summary>
    public int ResumedElsewhere => Volatile.Read(ref _resumedElsewhere);

    /// <summary>What a client met that was not a completed handshake and a good answer.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Starts the clients, and waits until sessions are resumed.</summary>
    public static async Task<ClientLoad> StartAsync(DashboardCluster cluster)
    {
        var load = new ClientLoad(cluster);
        await load.GoesOnAsync();
        return load;
    }

    /// <summary>Waits for some more resumptions.</summary>
    public async Task GoesOnAsync()
    {
        var before = ResumedElsewhere;
        await Eventually.TrueAsync(() => ResumedElsewhere >= before + 20 || !_failures.IsEmpty, TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _clients;
        _stopping.Dispose();
    }

    private async Task ComeBackAsync(string host, SslProtocols version, int[] ports, int first, X509Certificate2 authority)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = version,
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { authority }, RevocationMode = X509RevocationMode.NoCheck },
        };
        for (var node = first; !_stopping.IsCancellationRequested; node = Random.Shared.Next(ports.Length))
        {
            try
            {
                var answer = await VisitAsync(ports[node % ports.Length], options);
                Interlocked.Increment(ref _handshakes);
                if (answer.GetProperty("resumed").GetBoolean() && answer.GetProperty("issuer").GetString() != answer.GetProperty("node").GetString())
                    Interlocked.Increment(ref _resumedElsewhere);
                await Task.Delay(Pause, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is IOException or SocketException or AuthenticationException or FormatException or JsonException)
            {
                _failures.Enqueue($"{host} {version}: {failure.Message}");
            }
        }
    }

    private static async Task<JsonElement> VisitAsync(int port, SslClientAuthenticationOptions options)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(options);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/.well-known/reprise/handshake", options.TargetHost!)));
        var answer = await new StreamReader(stream).ReadToEndAsync();
        var body = answer.IndexOf('{', StringComparison.Ordinal);
        return body < 0 ? throw new FormatException($"answered {answer}") : JsonElement.Parse(answer[body..]);
    }
}
