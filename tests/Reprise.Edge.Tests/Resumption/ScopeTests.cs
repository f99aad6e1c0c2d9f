using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>No session crosses profiles, whichever way it is kept (DESIGN §7.3): the client only changes its SNI.</summary>
[Collection(TwoEdges.Collection)]
public sealed class ScopeTests(TwoEdges edges) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    // A ticket key name of another scope is like one that never was: to tell them apart would cost a search of all profiles.
    [Theory]
    [InlineData("1.2", true, EdgeSettings.Stateful, EdgeSettings.Stateless, "policy")]
    [InlineData("1.2", true, EdgeSettings.Stateful, null, "scope")]
    [InlineData("1.2", true, null, EdgeSettings.Stateful, "scope")]
    [InlineData("1.2", false, EdgeSettings.Stateless, EdgeSettings.Stateful, "policy")]
    [InlineData("1.2", false, EdgeSettings.Stateless, null, "unknown_key")]
    [InlineData("1.2", false, null, EdgeSettings.Stateless, "unknown_key")]
    [InlineData("1.3", false, EdgeSettings.Stateful, EdgeSettings.Stateless, "policy")]
    [InlineData("1.3", false, EdgeSettings.Stateful, null, "scope")]
    [InlineData("1.3", false, EdgeSettings.Stateless, EdgeSettings.Stateful, "policy")]
    [InlineData("1.3", false, EdgeSettings.Stateless, null, "unknown_key")]
    [InlineData("1.3", false, null, EdgeSettings.Stateless, "unknown_key")]
    public async Task Session_OfferedUnderAnotherName_IsAFullHandshake(string version, bool noTicket, string? from, string? to, string declined)
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync(version, from, noTicket, keep: session);
        var before = await edges.Two.MetricsAsync();

        var visit = await edges.Two.VisitAsync(version, to, noTicket, offer: session);

        Assert.True(visit.Kind is HandshakeKind.Full, visit.ToString());
        Assert.Equal(("full", declined, "edge-2"), (visit.Mode, visit.Declined, visit.Issuer));
        Assert.Equal(0, visit.Age);
        await edges.Two.MetricsSayAsync(now => now.Declines(declined) == before.Declines(declined) + 1);
    }

    // A wildcard's names are one profile: one site, one scope.
    [Fact]
    public async Task Session_OfferedUnderAnotherNameOfTheDefaultProfile_Resumes()
    {
        var session = _files.File("session.pem");
        await edges.One.VisitAsync("1.3", "one.reprise.test", keep: session);

        Assert.Equal("stateless", (await edges.Two.VisitAsync("1.3", "two.reprise.test", offer: session)).Mode);
    }
}
