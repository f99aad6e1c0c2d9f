using Reprise.Edge.Handshakes;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.Tls;

namespace Reprise.Edge.Tests.Handshakes;

public sealed class HandshakeTotalsTests
{
    private readonly HandshakeTotals _totals = new();

    [Fact]
    public void Read_AtFirst_IsNothing() => Assert.Equal(new HandshakeCounts(), _totals.Read());

    [Fact]
    public void Read_AfterEveryEnd_CountsEachByItself()
    {
        _totals.Completed(ResumptionMode.Full, DeclineReason.None);
        foreach (var reason in Enum.GetValues<DeclineReason>())
            _totals.Completed(ResumptionMode.Full, reason);
        _totals.Completed(ResumptionMode.Stateful, DeclineReason.None);
        // A session that was resumed after another was declined.
        _totals.Completed(ResumptionMode.Stateless, DeclineReason.Expired);
        _totals.Failed();

        var told = _totals.Read();

        var reasons = Enum.GetValues<DeclineReason>().Length;
        Assert.Equal((1 + reasons, 1, 1, 1), (told.Full, told.Stateful, told.Stateless, told.Failed));
        Assert.Equal(reasons - 1, told.Declined.Count);
        Assert.All(told.Declined, each => Assert.Equal(1, each.Count));
    }

    [Fact]
    public void Read_AfterManyAtOnce_HasLostNone()
    {
        Parallel.For(0, 100_000, i =>
        {
            _totals.Completed(ResumptionMode.Stateless, DeclineReason.None);
            _totals.ResumedFrom(i % 2 == 0 ? "edge-1" : "edge-2");
        });

        var told = _totals.Read();

        Assert.Equal(100_000, told.Stateless);
        Assert.Equal([50_000, 50_000], told.ResumedFrom.Select(each => each.Count));
    }

    [Fact]
    public void ResumedFrom_MoreIssuersThanAreTold_KeepsThoseThatWereFirst()
    {
        for (var i = 0; i < 10 * HandshakeCountsWire.MostNames; i++)
            _totals.ResumedFrom($"edge-{i}");
        _totals.ResumedFrom("edge-0");

        var told = _totals.Read();

        Assert.Equal(HandshakeCountsWire.MostNames, told.ResumedFrom.Count);
        Assert.Equal(2, told.ResumedFrom.Single(each => each.Name == "edge-0").Count);
    }

    [Fact]
    public void Completed_Always_AllocatesNothing()
    {
        _totals.ResumedFrom("edge-1");
        _totals.Completed(ResumptionMode.Full, DeclineReason.Scope);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            _totals.Completed(ResumptionMode.Full, DeclineReason.Scope);
            _totals.ResumedFrom("edge-1");
            _totals.Failed();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
