using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Hosting;

/// <summary>A listener with some profiles serves these and no other.</summary>
public sealed class ListenerTests(EdgeWorld world)
{
    [Fact]
    public async Task Connect_ByListener_ReachesItsProfilesOnly()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-4")
            .With("Edge:Listeners:single:Address", "127.0.0.1:0").With("Edge:Listeners:single:Profiles", new JsonArray("stateful"))
            .With("Edge:Listeners:pair:Address", "127.0.0.1:0").With("Edge:Listeners:pair:Profiles", new JsonArray("stateless", "default")));

        Assert.Equal(3, edge.Process.Ready.GetProperty("tls").GetArrayLength());
        Assert.Equal("stateful", (await VisitAsync(edge, "single", null, EdgeSettings.Stateful)).Profile); // no name: the only one there is
        Assert.Equal("stateful", (await VisitAsync(edge, "single", EdgeSettings.Stateful, EdgeSettings.Stateful)).Profile);
        Assert.Equal(HandshakeKind.None, (await VisitAsync(edge, "single", EdgeSettings.Stateless, EdgeSettings.Stateless)).Client.Kind);
        Assert.Equal("stateless", (await VisitAsync(edge, "pair", EdgeSettings.Stateless, EdgeSettings.Stateless)).Profile);
        Assert.Equal("default", (await VisitAsync(edge, "pair", EdgeSettings.Stateful, EdgeSettings.Stateful)).Profile); // as any name it does not know
        Assert.Equal("default", (await VisitAsync(edge, "pair", null, "localhost")).Profile);
        Assert.Contains("421 ", (await AskAsync(edge, "single", null, EdgeSettings.Stateless, "/")).Response);
        Assert.Contains("421 ", (await AskAsync(edge, "pair", null, EdgeSettings.Stateless, "/")).Response);
    }

    [Fact]
    public async Task Resume_SessionOfAnotherListener_OnlyWithinItsProfile()
    {
        var settings = world.Settings("edge-5")
            .With("Edge:Listeners:one:Address", "127.0.0.1:0").With("Edge:Listeners:one:Profiles", new JsonArray("stateless"))
            .With("Edge:Listeners:two:Address", "127.0.0.1:0").With("Edge:Listeners:two:Profiles", new JsonArray("stateless"))
            .With("Edge:Listeners:other:Address", "127.0.0.1:0").With("Edge:Listeners:other:Profiles", new JsonArray("default"));
        await using var edge = await world.StartEdgeAsync(settings);
        using var files = new TemporaryDirectory();
        foreach (var version in new[] { "1.2", "1.3" })
        {
            var session = files.File($"{version}.pem");
            Assert.Equal("full", (await VisitAsync(edge, "one", EdgeSettings.Stateless, EdgeSettings.Stateless, version, keep: session)).Mode);

            Assert.Equal("stateless", (await VisitAsync(edge, "two", EdgeSettings.Stateless, EdgeSettings.Stateless, version, offer: session)).Mode);
            var declined = await VisitAsync(edge, "other", EdgeSettings.Stateless, EdgeSettings.Stateless, version, offer: session);
            Assert.Equal(("default", "full"), (declined.Profile, declined.Mode));
        }
    }

    [Fact]
    public async Task Start_TwoProfilesWithoutHostsOnListenersOfTheirOwn_IsAllowed()
    {
        var settings = world.Settings("edge-6")
            .With("Edge:Listen", new JsonArray())
            .With("Edge:Listeners:one:Address", "127.0.0.1:0").With("Edge:Listeners:one:Profiles", new JsonArray("default"))
            .With("Edge:Listeners:two:Address", "127.0.0.1:0").With("Edge:Listeners:two:Profiles", new JsonArray("stateless"))
            .With("Profiles:stateless:Hosts", new JsonArray());
        await using var edge = await world.StartEdgeAsync(settings);

        Assert.Equal("default", (await VisitAsync(edge, "one", "any.test", "any.test")).Profile);
        Assert.Equal("stateless", (await VisitAsync(edge, "two", "any.test", "any.test")).Profile);
    }

    private static async Task<Visit> VisitAsync(
        EdgeNode edge, string listener, string? sni, string host, string version = "1.3", string? offer = null, string? keep = null) =>
        new(await AskAsync(edge, listener, sni, host, "/.well-known/reprise/handshake", version, offer, keep));

    private static Task<OpenSslResult> AskAsync(
        EdgeNode edge, string listener, string? sni, string host, string path, string version = "1.3", string? offer = null, string? keep = null) =>
        new OpenSsl(edge.Process.Ready.GetProperty("listeners").GetProperty(listener).GetString()!)
        {
            Version = version,
            ServerName = sni,
            CaFile = edge.Authority,
            SessionIn = offer,
            SessionOut = keep,
            Request = OpenSsl.Get(path, host),
        }.RunAsync();
}
