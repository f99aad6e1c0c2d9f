using Reprise.Conformance.Tests.Peers;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Resumption;

/// <summary>
/// Each client that people use, in each way that it can resume: a full handshake with the first node, then resumed ones with the
/// second and the third. Client, nodes and metrics must say the same.
/// </summary>
public sealed class ClientTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    public static TheoryData<string, SessionKind> Cases
    {
        get
        {
            var cases = new TheoryData<string, SessionKind>();
            foreach (var peer in Peer.All)
            {
                foreach (var kind in Enum.GetValues<SessionKind>().Where(peer.Can))
                    cases.Add(peer.Name, kind);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Client_ComingBackToOtherNodes_IsResumedThere(string client, SessionKind kind)
    {
        var peer = Peer.All.Single(peer => peer.Name == client);
        foreach (var program in peer.Programs)
            Assert.SkipUnless(Peers.Program.IsInstalled(program), $"{program} is not installed"); // in CI a skipped test has failed
        using var files = new TemporaryDirectory();
        await using var relay = TcpRelay.Start(nodes.All[0].Tls);
        relay.Route = i => nodes.All[i % 3].Tls;
        var target = new PeerTarget(relay, kind, nodes.World.CaFile, nodes.World.File("pki/site.crt"), files.Path);
        var before = await MetricsAsync();

        var visits = await peer.VisitAsync(target);

        Assert.Equal(peer.Visits, visits.Count);
        for (var i = 0; i < visits.Count; i++)
            AssertIs(visits[i], kind, i);
        var protocol = $"TLSv{kind.Version()}";
        await Eventually.TrueAsync(async () =>
        {
            var now = await MetricsAsync();
            return nodes.All.Index().All(node => Handshakes(now, node.Index, "full") == (node.Index == 0 ? 1 : 0)
                && Handshakes(now, node.Index, kind.Mode()) == (node.Index > 0 && node.Index < visits.Count ? 1 : 0));
        });
        Assert.Empty(nodes.All.SelectMany(node => node.Errors));

        double Handshakes(Metrics[] now, int node, string mode) => now[node].Handshakes(protocol, mode) - before[node].Handshakes(protocol, mode);
    }

    private void AssertIs(PeerVisit visit, SessionKind kind, int i)
    {
        var resumes = i > 0;
        Assert.True(visit.Resumed is null || visit.Resumed == resumes, $"Visit {i}: the client says resumed = {visit.Resumed}; {visit.Report}");
        if (visit.Report is null)
            return;
        Assert.Equal(nodes.All[i].Name, visit.Text("node"));
        Assert.Equal((resumes ? kind.Mode() : "full", $"TLSv{kind.Version()}", kind.Host()), (visit.Text("mode"), visit.Text("protocol"), visit.Text("sni")));
        if (!resumes)
            return; // Go offers a made-up session ID with its first ClientHello, to see by its echo whether a ticket was taken
        Assert.Equal((kind.Offered(), null), (visit.Text("offered"), visit.Text("declined")));
        // TLS 1.2 goes on with its session; TLS 1.3 gets a new one each time, and may use any of those it has.
        Assert.Contains(visit.Text("issuer"), nodes.All.Take(kind.IsTls13() ? i : 1).Select(node => node.Name));
    }

    private Task<Metrics[]> MetricsAsync() => Task.WhenAll(nodes.All.Select(node => node.MetricsAsync()));
}
