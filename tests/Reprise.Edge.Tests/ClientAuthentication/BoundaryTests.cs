using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.ClientAuthentication;

/// <summary>Sessions across the boundary that a client certificate draws (DESIGN §7.3): between profiles, and between then and now.</summary>
[Collection(MutualEdges.Collection)]
public sealed class BoundaryTests(MutualEdges edges) : IDisposable
{
    private static readonly string[] Hosts = [MutualEdges.Strict, MutualEdges.Tickets, MutualEdges.Handles, MutualEdges.Lax, EdgeSettings.Stateful, EdgeSettings.Stateless];

    private readonly TemporaryDirectory _files = new();

    public static TheoryData<string, bool> Kinds => new() { { "1.2", false }, { "1.2", true }, { "1.3", false } };

    public void Dispose() => _files.Dispose();

    // Each to each of the others, in both directions: CVE-2025-23419, CVE-2025-68121, Hebrok et al. 2025.
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfOneProfile_ResumesInNoOther(string version, bool noTicket)
    {
        foreach (var from in Hosts)
        {
            foreach (var to in Hosts.Where(host => host != from))
            {
                var session = _files.File($"{from}-{to}.pem"); // one for each: a handle is worth one attempt
                await edges.One.VisitAsync(version, from, noTicket, keep: session, arguments: [.. edges.Clients.Arguments("good")]);
                if (!File.Exists(session))
                    break; // no session of this kind there
                var visit = await edges.Two.VisitAsync(version, to, noTicket, offer: session, arguments: [.. edges.Clients.Arguments("direct")]);

                Assert.Equal((from, to, HandshakeKind.Full, "full"), (from, to, visit.Kind, visit.Mode));
                var client = visit.Report.GetProperty("clientCertificate");
                Assert.Equal(
                    to is EdgeSettings.Stateful or EdgeSettings.Stateless ? null : "CN=bob.reprise.test",
                    client.ValueKind is System.Text.Json.JsonValueKind.Null ? null : client.GetProperty("subject").GetString());
            }
        }
    }

    // The session's way in must not be a way around: whoever presents it without a certificate is nobody, and nobody is not let in.
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Session_OfAnAnonymousClient_OpensNoProfileThatRequiresOne(string version, bool noTicket)
    {
        foreach (var from in (string[])[MutualEdges.Lax, EdgeSettings.Stateful, EdgeSettings.Stateless])
        {
            var session = _files.File("session.pem");
            File.Delete(session);
            await edges.One.VisitAsync(version, from, noTicket, keep: session);
            if (!File.Exists(session))
                continue; // no session of this kind there
            foreach (var to in (string[])[MutualEdges.Strict, MutualEdges.Tickets, MutualEdges.Handles])
            {
                var visit = await edges.Two.VisitAsync(version, to, noTicket, offer: session);

                Assert.True(visit.Client.Response is null, visit.ToString());
                Assert.Contains(version == "1.3" ? "SSL alert number 116" : "SSL alert number 40", visit.Client.Output, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("1.2", false)]
    [InlineData("1.2", true)]
    [InlineData("1.3", false)]
    public async Task Profile_NotToldToResumeClients_IssuesNothing(string version, bool noTicket)
    {
        var session = _files.File("session.pem");
        var first = await edges.One.VisitAsync(version, MutualEdges.Strict, noTicket, keep: session, arguments: [.. edges.Clients.Arguments("good")]);

        Assert.Equal((HandshakeKind.Full, 0), (first.Kind, first.Client.Tickets));
        if (version == "1.2")
            Assert.Equal((false, ""), (first.Client.HasTicket, first.Client.SessionId));
    }

    // Revoked on the node that the client comes back to.
    [Theory]
    [InlineData("1.2", MutualEdges.Tickets, false)]
    [InlineData("1.2", MutualEdges.Tickets, true)]
    [InlineData("1.3", MutualEdges.Tickets, false)]
    [InlineData("1.3", MutualEdges.Handles, false)]
    public async Task Session_OfAClientThatIsRevoked_NoLongerResumes(string version, string host, bool noTicket)
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync(version, host, noTicket, keep: session, arguments: [.. edges.Clients.Arguments("revoked")]);
        var before = await edges.Two.MetricsAsync();

        var visit = await edges.Two.VisitAsync(version, host, noTicket, offer: session, arguments: [.. edges.Clients.Arguments("revoked")]);

        Assert.True(visit.Client.Response is null, visit.ToString());
        Assert.Contains("SSL alert number 44", visit.Client.Output, StringComparison.Ordinal);
        await edges.Two.MetricsSayAsync(now => now.Failures("client_certificate") == before.Failures("client_certificate") + 1);
    }

    [Theory]
    [InlineData("1.2", false)]
    [InlineData("1.3", false)]
    public async Task Session_OfARevokedClientWhereNobodyIsRequired_GoesOnAsNobody(string version, bool noTicket)
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync(version, MutualEdges.Lax, noTicket, keep: session, arguments: [.. edges.Clients.Arguments("revoked")]);
        var before = await edges.Two.MetricsAsync();

        var visit = await edges.Two.VisitAsync(version, MutualEdges.Lax, noTicket, offer: session);

        Assert.Equal((HandshakeKind.Full, "full", "client_certificate"), (visit.Kind, visit.Mode, visit.Declined));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, visit.Report.GetProperty("clientCertificate").ValueKind);
        await edges.Two.MetricsSayAsync(now => now.Declines("client_certificate") == before.Declines("client_certificate") + 1);
    }

    // CVE-2025-68121: who was let in by an authority that is none any more.
    [Fact]
    public async Task Session_OfAClientWhoseAuthorityIsNoLongerTrusted_IsOfAnotherScope()
    {
        var settings = edges.Settings("edge-3", edges.Clients.RevocationLists);
        foreach (var profile in (string[])["tickets", "handles", "lax"])
        {
            settings.With($"Profiles:{profile}:ClientAuth:Authorities", edges.Clients.OtherAuthorities);
            settings["Profiles"]![profile]!["ClientAuth"]!.AsObject().Remove("RevocationLists");
        }

        await using var edge = await edges.World.StartEdgeAsync(settings);
        foreach (var (version, host, noTicket) in new[]
        {
            ("1.2", MutualEdges.Tickets, false), ("1.2", MutualEdges.Tickets, true), ("1.3", MutualEdges.Tickets, false), ("1.3", MutualEdges.Handles, false), ("1.3", MutualEdges.Lax, false),
        })
        {
            var session = _files.File("session.pem");
            await edges.One.VisitAsync(version, host, noTicket, keep: session, arguments: [.. edges.Clients.Arguments("good")]);
            var visit = await edge.VisitAsync(version, host, noTicket, offer: session, arguments: [.. edges.Clients.Arguments("good")]);

            Assert.True(visit.Client.Response is null, visit.ToString());
            Assert.Contains("SSL alert number 48", visit.Client.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RevocationList_OutOfDate_IsToldAndDoesNotStopTheStart()
    {
        var lists = edges.Clients.WriteLists("old.pem", DateTimeOffset.UtcNow.AddHours(-1));
        await using var edge = await edges.World.StartEdgeAsync(edges.Settings("edge-3", lists));

        var known = await edge.VisitAsync("1.3", MutualEdges.Lax, arguments: [.. edges.Clients.Arguments("good")]);
        var nobody = await edge.VisitAsync("1.3", MutualEdges.Lax);

        Assert.Contains("SSL alert number 45", known.Client.Output, StringComparison.Ordinal);
        Assert.Equal("full", nobody.Mode);
        await Eventually.TrueAsync(() => edge.Process.Lines.Any(line => line.Contains("the revocation list of CN=Client root", StringComparison.Ordinal) && line.Contains("is out of date", StringComparison.Ordinal)));
        await edge.MetricsSayAsync(now => now.Sum("reprise_revocation_list_left_seconds", ("profile", "lax")) < -3000);
        Assert.Empty(edge.Errors);
    }
}
