using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>What profiles may say otherwise: no resumption, more tickets, a newer policy, two certificates.</summary>
[Collection(TwoEdges.Collection)]
public sealed class PolicyTests(TwoEdges edges) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Profiles_ThatSayOtherwise_DoOtherwise()
    {
        var world = edges.World;
        using (var rsa = world.Authority.Site(SiteKey.Rsa2048))
            TestAuthority.Write(rsa, world.File("pki"), "site-rsa");
        var settings = world.Settings("edge-3")
            .With("Profiles:stateful:Resumption:PolicyGeneration", 1)
            .With("Profiles:stateless:Resumption:PolicyGeneration", 1)
            .With("Profiles:none", EdgeSettings.Profile(["none.reprise.test"], false, false, "None", world.Upstream.Address))
            .With("Profiles:many", EdgeSettings.Profile(["many.reprise.test"], false, true, "Stateless", world.Upstream.Address).With("Resumption:TicketsPerHandshake", 4));
        settings["Profiles"]!["default"]!["Certificates"]!.AsArray().Add(new JsonObject { ["Chain"] = "pki/site-rsa.crt", ["Key"] = "pki/site-rsa.key" });
        await using var edge = await world.StartEdgeAsync(settings);

        await EndsOlderSessionsAsync(edge);
        await ResumesNothingAsync(edge);
        await IssuesAsManyTicketsAsItSaysAsync(edge);
        await ServesBothCertificatesAsync(edge);
        Assert.Empty(edge.Errors);
    }

    private async Task EndsOlderSessionsAsync(EdgeNode edge)
    {
        foreach (var (version, host, noTicket, declined) in new[]
        {
            ("1.2", EdgeSettings.Stateful, true, "scope"), ("1.3", EdgeSettings.Stateful, false, "scope"),
            ("1.2", EdgeSettings.Stateless, false, "unknown_key"), ("1.3", EdgeSettings.Stateless, false, "unknown_key"),
        })
        {
            var session = _files.File("session.pem");
            await edges.One.VisitAsync(version, host, noTicket, keep: session);
            var visit = await edge.VisitAsync(version, host, noTicket, offer: session);

            Assert.Equal((HandshakeKind.Full, declined), (visit.Kind, visit.Declined));
        }
    }

    private static async Task ResumesNothingAsync(EdgeNode edge)
    {
        foreach (var version in new[] { "1.2", "1.3" })
        {
            var visit = await edge.VisitAsync(version, "none.reprise.test");

            Assert.Equal((HandshakeKind.Full, 0, false), (visit.Kind, visit.Client.Tickets, visit.Client.HasTicket));
        }

        Assert.Empty((await edge.VisitAsync("1.2", "none.reprise.test", noTicket: true)).Client.SessionId);
    }

    // RFC 8446 section 4.6.1; a resumed connection gets one, whatever the number.
    private async Task IssuesAsManyTicketsAsItSaysAsync(EdgeNode edge)
    {
        var session = _files.File("session.pem");
        var full = await edge.VisitAsync("1.3", "many.reprise.test", keep: session);
        var resumed = await edge.VisitAsync("1.3", "many.reprise.test", offer: session);

        Assert.Equal((HandshakeKind.Full, 4), (full.Kind, full.Client.Tickets));
        Assert.Equal((HandshakeKind.Resumed, 1), (resumed.Kind, resumed.Client.Tickets));
    }

    private async Task ServesBothCertificatesAsync(EdgeNode edge)
    {
        foreach (var kind in new[] { "ECDSA", "RSA" })
        {
            var session = _files.File("session.pem");
            var full = await edge.VisitAsync("1.2", keep: session, arguments: ["-cipher", $"ECDHE-{kind}-AES128-GCM-SHA256"]);
            var resumed = await edge.VisitAsync("1.2", offer: session, arguments: ["-cipher", $"ECDHE-{kind}-AES128-GCM-SHA256"]);

            Assert.Equal((HandshakeKind.Full, $"ECDHE-{kind}-AES128-GCM-SHA256"), (full.Kind, full.Client.Cipher));
            Assert.Equal("stateless", resumed.Mode);
        }
    }
}
