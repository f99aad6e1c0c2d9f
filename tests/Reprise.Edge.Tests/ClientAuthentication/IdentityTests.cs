using System.Diagnostics;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.ClientAuthentication;

/// <summary>Who the upstream is told that the client is (RFC 9440): on full and resumed connections alike, and never what a client says of itself.</summary>
[Collection(MutualEdges.Collection)]
public sealed class IdentityTests(MutualEdges edges) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string, string, bool, string> Kinds => new()
    {
        { "1.2", MutualEdges.Tickets, false, "stateless" },
        { "1.2", MutualEdges.Tickets, true, "stateful" },
        { "1.3", MutualEdges.Tickets, false, "stateless" },
        { "1.3", MutualEdges.Handles, false, "stateful" },
        { "1.2", MutualEdges.Lax, false, "stateless" },
        { "1.3", MutualEdges.Lax, false, "stateless" },
    };

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Identity_OnAResumedConnection_IsThatOfTheFullOne(string version, string host, bool noTicket, string mode)
    {
        var session = _files.File("session.pem");
        var full = await VisitAsync(edges.One, version, host, noTicket, client: "good", keep: session);
        Assert.Equal("full", full.Header("X-Reprise-Session"));
        AssertIsGood(full);

        // From node to node, and no certificate any more: in TLS 1.3 each time with what the former has renewed.
        foreach (var node in (EdgeNode[])[edges.Two, edges.One])
        {
            var resumed = await VisitAsync(node, version, host, noTicket, offer: session, keep: session);

            Assert.StartsWith($"{mode}; issuer=", resumed.Header("X-Reprise-Session"), StringComparison.Ordinal);
            Assert.Equal(full.Header("Client-Cert"), resumed.Header("Client-Cert"));
            Assert.Equal(full.Header("Client-Cert-Chain"), resumed.Header("Client-Cert-Chain"));
        }
    }

    [Fact]
    public async Task Report_OfAnAuthenticatedClient_SaysWhoItIs()
    {
        var visit = await edges.One.VisitAsync("1.3", MutualEdges.Strict, arguments: [.. edges.Clients.Arguments("good")]);
        var nobody = await edges.One.VisitAsync("1.3", MutualEdges.Lax);

        var client = visit.Report.GetProperty("clientCertificate");
        Assert.Equal("CN=alice.reprise.test", client.GetProperty("subject").GetString());
        Assert.Equal("CN=Client intermediate", client.GetProperty("issuer").GetString());
        Assert.Equal(edges.Clients["good"].GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256), client.GetProperty("sha256").GetString(), ignoreCase: true);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, nobody.Report.GetProperty("clientCertificate").ValueKind);
    }

    [Fact]
    public async Task Chain_WithoutIntermediates_IsNotSent()
    {
        var seen = await VisitAsync(edges.One, "1.3", MutualEdges.Strict, client: "direct");

        Assert.Equal($":{Convert.ToBase64String(edges.Clients["direct"].RawData)}:", seen.Header("Client-Cert"));
        Assert.Null(seen.Header("Client-Cert-Chain"));
    }

    [Theory]
    [InlineData(MutualEdges.Lax, "none", false)]
    [InlineData(MutualEdges.Lax, "good", true)]
    [InlineData(EdgeSettings.Stateless, "none", false)]
    [InlineData(EdgeSettings.Stateless, "good", false)] // it is not asked, so it is nobody
    public async Task Headers_OfAClientsOwn_NeverArrive(string host, string client, bool known)
    {
        const string lies = "Client-Cert: :bWFsbG9yeQ==:\r\nclient-cert: :bWFsbG9yeQ==:\r\nCLIENT-CERT-CHAIN: :bWFsbG9yeQ==:\r\n" +
            "X_Reprise_Session: full\r\nx_reprise-profile: other\r\nClient_Cert: :bWFsbG9yeQ==:\r\nclient_cert_chain: :bWFsbG9yeQ==:\r\nClient-Cert_Chain: :bWFsbG9yeQ==:\r\n";

        var seen = await VisitAsync(edges.One, "1.3", host, client: client, headers: lies);

        Assert.DoesNotContain(seen.Headers.Values, value => value.Contains("bWFsbG9yeQ", StringComparison.Ordinal));
        Assert.DoesNotContain(seen.Headers.Keys, name => name.Contains('_', StringComparison.Ordinal));
        if (known)
            AssertIsGood(seen);
        else
            Assert.DoesNotContain(seen.Headers.Keys, name => name.StartsWith("Client", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("--http1.1", "1.2", "1.1")]
    [InlineData("--http2", "1.2", "2")]
    [InlineData("--http2", "1.3", "2")]
    public async Task Curl_WithACertificate_IsKnownUpstream(string protocol, string version, string expected)
    {
        var chain = edges.Clients.Write("curl.pem", edges.Clients["good"].ExportCertificatePem() + "\n" + edges.Clients.Intermediate.Certificate.ExportCertificatePem());
        var key = Path.Combine(Path.GetDirectoryName(chain)!, "good.key");
        var port = edges.One.EndPoint.Port;
        string[] arguments =
        [
            "--silent", "--show-error", "--max-time", "30", protocol, "--cacert", edges.One.Authority, "--cert", chain, "--key", key,
            $"--tlsv{version}", "--tls-max", version, "--resolve", $"{MutualEdges.Strict}:{port}:127.0.0.1", "--header", "Client-Cert: :bWFsbG9yeQ==:",
            "--write-out", "\n%{http_version}\n", $"https://{MutualEdges.Strict}:{port}/one", $"https://{MutualEdges.Strict}:{port}/two",
        ];

        var lines = (await CurlAsync(arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(4, lines.Length);
        foreach (var answer in lines.Chunk(2))
        {
            Assert.Equal(expected, answer[1]);
            AssertIsGood(UpstreamRequest.Parse(answer[0]));
        }
    }

    // CVE-2025-23048: who got in as somebody, or as nobody, stays within the profile.
    [Theory]
    [InlineData(MutualEdges.Lax, "none", MutualEdges.Strict)]
    [InlineData(EdgeSettings.Stateless, "none", MutualEdges.Strict)]
    [InlineData(MutualEdges.Strict, "good", MutualEdges.Tickets)]
    [InlineData(MutualEdges.Strict, "good", EdgeSettings.Stateless)]
    public async Task Host_OfAnotherProfile_Gets421(string host, string client, string other)
    {
        var result = await new OpenSsl(edges.One.Tls)
        {
            Version = "1.3",
            ServerName = host,
            Request = OpenSsl.Get("/", other),
            Arguments = edges.Clients.Arguments(client),
        }.RunAsync();

        Assert.StartsWith("HTTP/1.1 421 ", result.Response, StringComparison.Ordinal);
    }

    private void AssertIsGood(UpstreamRequest seen)
    {
        Assert.Equal($":{Convert.ToBase64String(edges.Clients["good"].RawData)}:", seen.Header("Client-Cert"));
        Assert.Equal($":{Convert.ToBase64String(edges.Clients.Intermediate.Certificate.RawData)}:", seen.Header("Client-Cert-Chain"));
    }

    private async Task<UpstreamRequest> VisitAsync(
        EdgeNode node, string version, string host, bool noTicket = false, string client = "none", string? offer = null, string? keep = null, string headers = "")
    {
        var result = await new OpenSsl(node.Tls)
        {
            Version = version,
            ServerName = host,
            NoTicket = noTicket,
            SessionIn = offer,
            SessionOut = keep,
            Request = OpenSsl.Get("/", host).Replace("\r\n\r\n", $"\r\n{headers}\r\n", StringComparison.Ordinal),
            Arguments = edges.Clients.Arguments(client),
        }.RunAsync();
        Assert.Equal(offer is null ? HandshakeKind.Full : HandshakeKind.Resumed, result.Kind);
        var line = result.Response?.Split('\n').FirstOrDefault(line => line.StartsWith('{'));
        Assert.True(line is not null, result.ToString());
        return UpstreamRequest.Parse(line[..(line.LastIndexOf('}') + 1)]);
    }

    private static async Task<string> CurlAsync(string[] arguments)
    {
        using var curl = Process.Start(new ProcessStartInfo("curl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = curl.StandardError.ReadToEndAsync();
        var output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        Assert.True(curl.ExitCode == 0, await errors + output);
        return output;
    }
}
