using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Harness;

/// <summary>A running edge, by its own process, with those who look at it.</summary>
internal sealed class EdgeNode(NodeProcess process, string name, string authority) : IAsyncDisposable
{
    private readonly HttpClient _management = new() { Timeout = TimeSpan.FromSeconds(15) };

    public NodeProcess Process => process;

    public string Name => name;

    /// <summary>PEM file of the CA that its certificate is from.</summary>
    public string Authority => authority;

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string Tls { get; } = process.Ready.GetProperty("tls")[0].GetString()!;

    public Uri Management { get; } = new($"http://{process.Ready.GetProperty("management").GetString()}");

    public IPEndPoint EndPoint => IPEndPoint.Parse(Tls);

    /// <summary>Lines that say that something is wrong with the node.</summary>
    public IEnumerable<string> Errors => process.Lines.Where(line =>
        line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal) || line.StartsWith("Unhandled", StringComparison.Ordinal));

    public Task<HttpResponseMessage> AskAsync(string path) => _management.GetAsync(new Uri(Management, path));

    /// <summary>As they are now: the exporter gives out an answer for some 300 ms, so the first one to differ is awaited.</summary>
    public async Task<Metrics> MetricsAsync()
    {
        var address = new Uri(Management, "/metrics");
        var former = await _management.GetStringAsync(address);
        var now = former;
        await Eventually.TrueAsync(async () => (now = await _management.GetStringAsync(address)) != former); // CPU time differs at least
        return new Metrics(now);
    }

    /// <summary>Waits until the metrics say so.</summary>
    public Task MetricsSayAsync(Func<Metrics, bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string text = "") =>
        Eventually.TrueAsync(async () => condition(await MetricsAsync()), text: text);

    /// <summary>One connection by <c>openssl s_client</c> that asks for the handshake report.</summary>
    public async Task<Visit> VisitAsync(
        string? version, string? host = null, bool noTicket = false, string? offer = null, string? keep = null, params string[] arguments)
    {
        var client = await new OpenSsl(Tls)
        {
            Version = version,
            ServerName = host,
            NoTicket = noTicket,
            SessionIn = offer,
            SessionOut = keep,
            CaFile = authority,
            Request = OpenSsl.Get("/.well-known/reprise/handshake", host ?? "localhost"),
            Arguments = arguments,
        }.RunAsync();
        return new Visit(client);
    }

    /// <summary>A browser-like client. Connects here whatever the address says, with full handshakes; its SNI is the address's name.</summary>
    public HttpClient Browser(bool http2 = false)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(EndPoint, cancel);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { CertificateChainPolicy = Trust(), AllowTlsResume = false },
        };
        return new HttpClient(handler)
        {
            DefaultRequestVersion = http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public X509ChainPolicy Trust() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority) },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    public async ValueTask DisposeAsync()
    {
        _management.Dispose();
        await process.DisposeAsync();
    }
}

/// <summary>A handshake as both sides saw it.</summary>
internal sealed partial class Visit(OpenSslResult client)
{
    private readonly JsonElement? _report = Parse(client.Response);

    public OpenSslResult Client => client;

    /// <summary>As the client saw it.</summary>
    public HandshakeKind Kind => client.Kind;

    /// <summary>As the node tells it.</summary>
    public string? Mode => Text("mode");

    public string? Declined => Text("declined");

    public string? Issuer => Text("issuer");

    public string? Profile => Text("profile");

    /// <summary>TLS 1.2: the key name of the ticket that the client has at the end (RFC 5077 section 4).</summary>
    public string TicketName => TicketStart().Match(client.Output).Groups[1].Value;

    public long Epoch => Report.GetProperty("epoch").GetInt64();

    public long Age => Report.GetProperty("sessionAgeSeconds").GetInt64();

    public JsonElement Report => _report ?? throw new InvalidOperationException($"No report.\n{client}");

    public string? Text(string property) => Report.GetProperty(property).GetString();

    public override string ToString() => $"{_report} {client}";

    [GeneratedRegex(@"TLS session ticket:\s+0000 - ([0-9a-f -]{47})")]
    private static partial Regex TicketStart();

    private static JsonElement? Parse(string? response)
    {
        // s_client prints its own lines between those of the server.
        var line = response?.Split('\n').FirstOrDefault(line => line.StartsWith('{'));
        if (line is null)
            return null;
        using var document = JsonDocument.Parse(line[..(line.LastIndexOf('}') + 1)]);
        return document.RootElement.Clone();
    }
}
