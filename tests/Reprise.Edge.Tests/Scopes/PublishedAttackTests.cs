using System.Diagnostics;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>The attacks that were published, each in the shape in which it was, by clients that are not ours: s_client and curl.</summary>
[Collection(ScopeEdges.Collection)]
public sealed class PublishedAttackTests(ScopeEdges edges) : IDisposable
{
    private static int _paths;

    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string> Kinds => PairTests.Kinds;

    public void Dispose() => _files.Dispose();

    /// <summary>
    /// nginx: ticket keys and cache are the default server's, so that a session of a server without client authentication, or with another one's,
    /// resumed in one that requires it, by SNI alone.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cve202523419_SessionOfAnotherServer_DoesNotStandForACertificate(string kind)
    {
        foreach (var (from, client) in new[] { ("default", null), ("optional", null), ("optional", "good"), ("rival", "foreign") })
        {
            var session = await KeepAsync(kind, from, client);
            var (result, path) = await AskAsync(kind, "required", offer: session);

            AssertRefused(result, path, kind.StartsWith("1.3", StringComparison.Ordinal) ? "SSL alert number 116" : "SSL alert number 40");
        }
    }

    /// <summary>httpd: a client whom one virtual host trusts resumes there, and asks for another that trusts other clients.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cve202523048_TrustedByOneHost_IsNotSoByAnother(string kind)
    {
        var session = await KeepAsync(kind, "rival", "foreign");

        var (switched, inside) = await AskAsync(kind, "rival", host: ScopeProfile.Of("required").Host, offer: session);
        Assert.Equal(HandshakeKind.Resumed, switched.Kind);
        Assert.StartsWith("HTTP/1.1 421 ", switched.Response, StringComparison.Ordinal);
        Assert.Empty(edges.Witness.Of(inside));

        session = await KeepAsync(kind, "rival", "foreign");
        var (named, path) = await AskAsync(kind, "required", offer: session, client: "foreign");
        AssertRefused(named, path, "SSL alert number 48"); // unknown_ca: asked anew, and judged by what it shows
    }

    /// <summary>Go: a copy of a configuration has its ticket keys, and then other client authorities.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cve202568121_SameSettingsButOtherAuthorities_ResumesNothing(string kind)
    {
        foreach (var (from, to) in new[] { ("required", "rival"), ("rival", "required") })
        {
            var session = await KeepAsync(kind, from, ScopeProfile.Of(from).Client);
            var (result, path) = await AskAsync(kind, to, offer: session, client: ScopeProfile.Of(from).Client);

            AssertRefused(result, path, "SSL alert number 48");
        }
    }

    /// <summary>nginx: one cache for servers on several ports, so that an attacker in between has a client of one talk to the other, which never proves who it is.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cve20143616_ConnectionLedToAnotherServer_GetsThatOnesCertificate(string kind)
    {
        foreach (var from in (string[])["site", "wild"])
        {
            var session = await KeepAsync(kind, from);
            var (result, _) = await AskAsync(kind, "key", listener: "key", offer: session);
            Assert.Equal(HandshakeKind.Full, result.Kind);
            var other = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(edges.Nodes(SessionKind.Parse(kind)).Two.Authority)!, "scope-2.crt"), TestContext.Current.CancellationToken);
            Assert.Equal(other.Trim(), result.PeerCertificate?.Trim());

            // And by the name that the client wanted, it is not let in at all.
            session = await KeepAsync(kind, from);
            (result, var path) = await AskAsync(kind, from, listener: "key", offer: session);
            AssertRefused(result, path, "SSL alert number 112");
        }
    }

    /// <summary>
    /// Hebrok et al. 2025: a ticket is led to a server that has the same key for tickets, the same name and the same certificate, but another purpose.
    /// What the client believes of the one it then does with the other.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Hebrok2025_TicketLedToATwinOfItsServer_IsNoneThere(string kind)
    {
        foreach (var (from, to) in new[] { ("site", "apart"), ("apart", "site") })
        {
            var session = await KeepAsync(kind, from);
            var (result, path) = await AskAsync(kind, from, listener: ScopeProfile.Of(to).Name, offer: session);

            Assert.Equal(HandshakeKind.Full, result.Kind);
            Assert.Equal(new Sighting(to, null, "full"), Assert.Single(edges.Witness.Of(path)));
        }
    }

    // The same by HTTP/2, where the name is :authority, and by a client that keeps its connection.
    [Theory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task Curl_ThatAsksForAnotherHostOnItsConnection_Gets421(string protocol)
    {
        var (node, _) = edges.Nodes(SessionKind.All[0]);
        foreach (var (from, to) in new[] { ("required", "site"), ("required", "rival"), ("rival", "required"), ("site", "required"), ("default", "required"), ("optional", "default") })
        {
            var (profile, port) = (ScopeProfile.Of(from), ScopeEdges.Listener(node, "main").Port);
            var path = NextPath();
            List<string> arguments =
            [
                "--silent", "--show-error", "--max-time", "30", protocol, "--cacert", node.Authority, "--resolve", $"{profile.Host}:{port}:127.0.0.1",
                "--write-out", "%{http_code} ", "--output", "/dev/null", "--output", "/dev/null",
            ];
            if (profile.Client is { } client)
                arguments.AddRange(["--cert", edges.Clients.PathOf($"{client}.pem"), "--key", edges.Clients.PathOf($"{client}.key")]);
            var own = await CurlAsync([.. arguments, "--header", $"Host: {profile.Host}", $"https://{profile.Host}:{port}{path}"]);
            Assert.Equal((from, "200"), (Assert.Single(edges.Witness.Of(path)).Profile, own.Trim()));

            path = NextPath();
            var other = await CurlAsync([.. arguments, "--header", $"Host: {ScopeProfile.Of(to).Host}", $"https://{profile.Host}:{port}{path}"]);
            Assert.Equal("421", other.Trim());
            Assert.Empty(edges.Witness.Of(path));
        }
    }

    /// <summary>A session of the profile's, from the first node.</summary>
    private async Task<string> KeepAsync(string kind, string profile, string? client = null)
    {
        var file = _files.File($"{Guid.NewGuid():n}.pem");
        var (result, _) = await AskAsync(kind, profile, client: client, keep: file, node: edges.Nodes(SessionKind.Parse(kind)).One);
        Assert.True(result.Kind is HandshakeKind.Full && File.Exists(file), result.ToString());
        return file;
    }

    private async Task<(OpenSslResult Result, string Path)> AskAsync(
        string text, string profile, string? listener = null, string? host = null, string? client = null, string? offer = null, string? keep = null, EdgeNode? node = null)
    {
        var (kind, to, path) = (SessionKind.Parse(text), ScopeProfile.Of(profile), NextPath());
        node ??= edges.Nodes(kind).Two;
        var result = await new OpenSsl(ScopeEdges.Listener(node, listener ?? to.Listener).ToString())
        {
            Version = kind.Version,
            NoTicket = kind.NoTicket,
            ServerName = to.Host,
            CaFile = node.Authority,
            SessionIn = offer,
            SessionOut = keep,
            Request = OpenSsl.Get(path, host ?? to.Host),
            Arguments = edges.Clients.Arguments(client ?? "none"),
        }.RunAsync();
        return (result, path);
    }

    private void AssertRefused(OpenSslResult result, string path, string alert)
    {
        Assert.True(result.Response is null && result.Kind is not HandshakeKind.Resumed, result.ToString());
        Assert.Contains(alert, result.Output, StringComparison.Ordinal);
        Assert.Empty(edges.Witness.Of(path));
    }

    private static string NextPath() => $"/attack-{Interlocked.Increment(ref _paths)}";

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
