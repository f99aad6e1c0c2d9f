using System.Collections.Concurrent;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>
/// Every profile's sessions, of every kind, presented to every other profile on another node, in each of the ways in which a client or whoever
/// sits between can: the handshake is full or refused, and the other's upstream never hears of the first one's client (DESIGN §7.3).
/// </summary>
[Collection(ScopeEdges.Collection)]
public sealed class PairTests(ScopeEdges edges)
{
    public static TheoryData<string> Kinds => [.. SessionKind.All.Select(kind => kind.ToString())];

    // Without this, all the refusals below would mean nothing.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Session_InItsOwnProfileOnTheOtherNode_ResumesAsTheSameClient(string kind)
    {
        using var stock = new SessionStock(edges, SessionKind.Parse(kind));
        foreach (var profile in stock.Issuers)
        {
            using var visit = stock.Visit(profile, stock.Take(profile));

            Assert.True(visit is { Resumed: true, Status: 200 } && visit.Mode == SessionKind.Parse(kind).Mode && visit.Profile == profile.Name, $"{profile}: {visit}");
            Assert.Equal((profile.Name, profile.Client is { } client ? IdentityOf(client) : null), (Sighting(visit).Profile, Sighting(visit).Client));
        }
    }

    // CVE-2025-23419, CVE-2025-68121, Hebrok et al. 2025: on one port, by another name.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Session_PresentedByTheNameOfAnother_NeverResumes(string kind) => Check(kind, (stock, from, to) =>
    {
        if (to.Listener != from.Listener)
            return;
        using var visit = stock.VisitAt(from.Listener, to.Host, to.Host, stock.Take(from), listen: to.Refusal(VersionOf(kind)) is not null);
        AssertNobody(visit, to, to.Refusal(VersionOf(kind)));
    });

    // CVE-2014-3616, Delignat-Lavaud and Bhargavan: at another's port, by its name, by the name of before, and by none.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Session_PresentedAtThePortOfAnother_NeverResumes(string kind) => Check(kind, (stock, from, to) =>
    {
        var refusal = to.Refusal(VersionOf(kind));
        using var named = stock.VisitAt(to.Name, to.Host, to.Host, stock.Take(from), listen: refusal is not null);
        AssertNobody(named, to, refusal);

        using var unnamed = stock.VisitAt(to.Name, null, to.Host, stock.Take(from), listen: refusal is not null);
        AssertNobody(unnamed, to, refusal);

        // As a client does that believes it has come to where it wanted to.
        var known = to.Pattern is null || to.Host == from.Host;
        using var misled = stock.VisitAt(to.Name, from.Host, from.Host, stock.Take(from), listen: !known);
        AssertNobody(misled, to, known ? refusal : "unrecognized name");
    });

    // The default profile of a port that has others too is one like any other.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Session_PresentedWithoutAName_NeverResumesInTheDefaultProfile(string kind)
    {
        var to = ScopeProfile.Of("default");
        using var stock = new SessionStock(edges, SessionKind.Parse(kind));
        foreach (var from in stock.Issuers.Where(from => from != to))
        {
            using var visit = stock.VisitAt(to.Listener, null, to.Host, stock.Take(from));
            AssertNobody(visit, to, null);
        }
    }

    // CVE-2025-68121: who comes with a certificate that is good there is let in as who that is, and not as who had the session.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Session_PresentedWithACertificateOfSomebodyElse_IsThatOnesOnly(string kind) => Check(kind, (stock, from, to) =>
    {
        if (to.Client is null || to.Refusal(VersionOf(kind)) == "alert protocol version")
            return;
        var client = to.Client == "good" ? "direct" : to.Client;
        using var visit = stock.Visit(to, stock.Take(from), certificate: client);

        Assert.True(visit is { Resumed: false, Status: 200, Mode: "full" } && visit.Profile == to.Name, visit.ToString());
        Assert.Equal((to.Name, IdentityOf(client)), (Sighting(visit).Profile, Sighting(visit).Client));
    });

    // CVE-2025-23048: the connection is resumed where it may be, and then asks for what is another's.
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Host_OfAnotherProfileOnAResumedConnection_Gets421(string kind) => Check(kind, (stock, from, to) =>
    {
        if (to.Host == from.Host)
            return;
        using var visit = stock.Visit(from, stock.Take(from), host: to.Host);
        Assert.True(visit is { Resumed: true, Status: 421 } && visit.Profile == from.Name, visit.ToString());
        Assert.Empty(edges.Witness.Of(visit.Path));
    });

    private void Check(string kind, Action<SessionStock, ScopeProfile, ScopeProfile> check)
    {
        using var stock = new SessionStock(edges, SessionKind.Parse(kind));
        var pairs = stock.Issuers.SelectMany(from => ScopeProfile.All.Where(to => to != from).Select(to => (from, to))).ToList();
        Assert.True(pairs.Count >= 110, $"{pairs.Count} pairs");
        var failures = new ConcurrentBag<string>();
        Parallel.ForEach(pairs, new ParallelOptions { MaxDegreeOfParallelism = 4 }, pair =>
        {
            try
            {
                check(stock, pair.from, pair.to);
            }
            catch (Exception failure)
            {
                failures.Add($"{pair.from} to {pair.to}: {failure.Message}");
            }
        });
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    private void AssertNobody(ScopeVisit visit, ScopeProfile to, string? refusal)
    {
        var seen = edges.Witness.Of(visit.Path);
        Assert.False(visit.Resumed, visit.ToString());
        if (refusal is not null)
        {
            Assert.Contains(refusal, visit.Failure ?? visit.ToString(), StringComparison.Ordinal);
            Assert.Empty(seen);
            return;
        }

        Assert.True(visit is { Status: 200, Mode: "full", Client: null } && visit.Profile == to.Name, visit.ToString());
        Assert.Equal(new Sighting(to.Name, null, "full"), Assert.Single(seen));
    }

    private Sighting Sighting(ScopeVisit visit) => Assert.Single(edges.Witness.Of(visit.Path));

    private string IdentityOf(string client) => $":{Convert.ToBase64String(edges.Clients[client].RawData)}:";

    private static string VersionOf(string kind) => SessionKind.Parse(kind).Version;
}
