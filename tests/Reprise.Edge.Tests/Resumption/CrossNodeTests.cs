using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>The main job: a session from one node resumes on the other. Client, node and metrics must say the same.</summary>
[Collection(TwoEdges.Collection)]
public sealed class CrossNodeTests(TwoEdges edges) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string, string, bool, string, string> Modes => new()
    {
        { "1.2", EdgeSettings.Stateful, true, "stateful", "session_id" },
        { "1.2", EdgeSettings.Stateless, false, "stateless", "ticket" },
        { "1.3", EdgeSettings.Stateful, false, "stateful", "handle" },
        { "1.3", EdgeSettings.Stateless, false, "stateless", "ticket" },
    };

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Session_OfferedToTheOtherNode_Resumes(string version, string host, bool noTicket, string mode, string offered)
    {
        var session = _files.File("session.pem");
        var protocol = $"TLSv{version}";
        var before = (One: await edges.One.MetricsAsync(), Two: await edges.Two.MetricsAsync());

        var full = await edges.One.VisitAsync(version, host, noTicket, keep: session);
        var resumed = await edges.Two.VisitAsync(version, host, noTicket, offer: session);

        Assert.True(full.Kind is HandshakeKind.Full, full.ToString());
        Assert.Equal(("full", "none", "edge-1", "edge-1"), (full.Mode, full.Text("offered"), full.Text("node"), full.Issuer));
        Assert.True(resumed.Kind is HandshakeKind.Resumed, resumed.ToString());
        Assert.Equal((mode, offered, "edge-2", "edge-1"), (resumed.Mode, resumed.Text("offered"), resumed.Text("node"), resumed.Issuer));
        Assert.Equal((protocol, host, null), (resumed.Text("protocol"), resumed.Text("sni"), resumed.Declined));
        Assert.True(resumed.Report.GetProperty("resumed").GetBoolean());
        Assert.Equal(full.Epoch, resumed.Epoch);
        await edges.One.MetricsSayAsync(now => now.Handshakes(protocol, "full") == before.One.Handshakes(protocol, "full") + 1);
        await edges.Two.MetricsSayAsync(now =>
            now.Handshakes(protocol, mode) == before.Two.Handshakes(protocol, mode) + 1
            && now.Resumptions("edge-1", "edge-2") == before.Two.Resumptions("edge-1", "edge-2") + 1
            && now.Handshakes(protocol, "full") == before.Two.Handshakes(protocol, "full"));
    }

    // On a client's way from node to node, each one renews what the other has issued.
    [Theory]
    [InlineData(EdgeSettings.Stateful, "stateful")]
    [InlineData(EdgeSettings.Stateless, "stateless")]
    public async Task Tls13Session_RenewedAtEachNode_ResumesOnAndOn(string host, string mode)
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync("1.3", host, keep: session);
        for (var i = 0; i < 4; i++)
        {
            var node = i % 2 == 0 ? edges.Two : edges.One;
            var other = i % 2 == 0 ? edges.One : edges.Two;
            var visit = await node.VisitAsync("1.3", host, offer: session, keep: session);

            Assert.True(visit.Kind is HandshakeKind.Resumed, visit.ToString());
            Assert.Equal((mode, other.Name), (visit.Mode, visit.Issuer));
        }
    }

    [Fact]
    public async Task Tls12SessionId_OfferedAgainAndAgain_ResumesEachTime()
    {
        var session = _files.File("session.pem");
        var full = await edges.One.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, keep: session);
        foreach (var node in new[] { edges.Two, edges.One, edges.Two })
        {
            var visit = await node.VisitAsync("1.2", EdgeSettings.Stateful, noTicket: true, offer: session);

            Assert.Equal((HandshakeKind.Resumed, "stateful"), (visit.Kind, visit.Mode));
            Assert.Equal(full.Client.SessionId, visit.Client.SessionId); // echoed byte for byte
        }
    }

    [Fact]
    public async Task Tls13Handle_PresentedTwice_ResumesOnce()
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);
        var before = await edges.One.MetricsAsync();

        var first = await edges.Two.VisitAsync("1.3", EdgeSettings.Stateful, offer: session);
        var second = await edges.One.VisitAsync("1.3", EdgeSettings.Stateful, offer: session);

        Assert.Equal(HandshakeKind.Resumed, first.Kind);
        Assert.Equal((HandshakeKind.Full, "full", "spent"), (second.Kind, second.Mode, second.Declined));
        await edges.One.MetricsSayAsync(now => now.Declines("spent") == before.Declines("spent") + 1);
    }

    [Fact]
    public async Task Tls13Handle_PresentedByManyAtOnce_ResumesOnce()
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);

        var visits = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            (i % 2 == 0 ? edges.One : edges.Two).VisitAsync("1.3", EdgeSettings.Stateful, offer: session)));

        Assert.Single(visits, visit => visit.Kind is HandshakeKind.Resumed);
        Assert.Equal(5, visits.Count(visit => visit.Kind is HandshakeKind.Full));
    }

    // The other version's client: a session made in one must neither resume nor be lost in the other.
    [Fact]
    public async Task Tls12TicketAndId_UnderTheDefaultProfile_AreEachTheirOwn()
    {
        var byTicket = _files.File("ticket.pem");
        var byId = _files.File("id.pem");
        await edges.One.VisitAsync("1.2", keep: byTicket);
        await edges.One.VisitAsync("1.2", noTicket: true, keep: byId);

        Assert.Equal("stateless", (await edges.Two.VisitAsync("1.2", offer: byTicket)).Mode);
        Assert.Equal("stateful", (await edges.Two.VisitAsync("1.2", noTicket: true, offer: byId)).Mode);
    }
}
