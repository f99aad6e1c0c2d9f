using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Tests.Nodes;

public sealed class RecentHandshakesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private readonly RecentHandshakes _recent = new();

    [Fact]
    public void Add_First_TellsTotalsAndNothingOfTheLastMinute()
    {
        var heard = Add(0, Counts(full: 1000));

        Assert.Equal(1000, heard.Totals.Full);
        Assert.Null(heard.Recent);
    }

    [Fact]
    public void Add_Second_CountsFromTheFirstOverTheTimeBetween()
    {
        Add(0, Counts(full: 1000, stateless: 7, failed: 1));

        var heard = Add(5, Counts(full: 1010, stateless: 27, failed: 3));

        Assert.Equal((10, 0, 20, 2), (heard.Recent!.Full, heard.Recent.Stateful, heard.Recent.Stateless, heard.Recent.Failed));
        Assert.Equal(TimeSpan.FromSeconds(5), heard.Span);
    }

    [Fact]
    public void Add_ForLongerThanAMinute_CountsFromAMinuteBefore()
    {
        NodeHandshakes heard = null!;
        for (var second = 0; second <= 600; second += 5)
            heard = Add(second, Counts(full: 100 * second));

        Assert.Equal(6000, heard.Recent!.Full);
        Assert.Equal(TimeSpan.FromMinutes(1), heard.Span);
    }

    [Fact]
    public void Add_AfterAPause_TellsTheTimeItCovers()
    {
        for (var second = 0; second <= 100; second += 5)
            Add(second, Counts(full: second));

        var heard = Add(700, Counts(full: 1300));

        Assert.Equal(TimeSpan.FromSeconds(600), heard.Span);
        Assert.Equal(1200, heard.Recent!.Full);
        Assert.Equal(TimeSpan.FromSeconds(605), Add(705, Counts(full: 1310)).Span);
    }

    [Fact]
    public void Add_Often_CoversAMinuteStill()
    {
        NodeHandshakes heard = null!;
        for (var tenth = 0; tenth <= 3000; tenth++)
            heard = Add(tenth / 10.0, Counts(full: tenth));

        Assert.Equal(TimeSpan.FromMinutes(1), heard.Span);
        Assert.Equal(600, heard.Recent!.Full);
    }

    [Fact]
    public void Add_NamedCounts_AreOfTheLastMinuteEach()
    {
        Add(0, new HandshakeCounts { ResumedFrom = { Named("edge-1", 5), Named("edge-2", 3) }, Declined = { Named("expired", 2) } });

        var heard = Add(1, new HandshakeCounts { ResumedFrom = { Named("edge-1", 9), Named("edge-2", 3), Named("edge-3", 1) }, Declined = { Named("expired", 3) } });

        Assert.Equal([Named("edge-1", 4), Named("edge-3", 1)], heard.Recent!.ResumedFrom);
        Assert.Equal([Named("expired", 1)], heard.Recent.Declined);
    }

    [Fact]
    public void Add_TotalsThatShrink_AreNoNegativeHandshakes()
    {
        Add(0, Counts(full: 1000, stateless: 10));

        var heard = Add(5, Counts(full: 10, stateless: 12));

        Assert.Equal((0, 2), (heard.Recent!.Full, heard.Recent.Stateless));
    }

    [Fact]
    public void Add_ClockSetBack_IsNotDividedBy()
    {
        Add(0, Counts(full: 1));

        Assert.Null(Add(-10, Counts(full: 2)).Recent);
    }

    private static HandshakeCounts Counts(long full = 0, long stateless = 0, long failed = 0) => new() { Full = full, Stateless = stateless, Failed = failed };

    private static NamedCount Named(string name, long count) => new() { Name = name, Count = count };

    private NodeHandshakes Add(double second, HandshakeCounts totals) => _recent.Add(Start.AddSeconds(second), totals);
}
