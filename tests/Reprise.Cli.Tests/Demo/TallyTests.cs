using Reprise.Cli.Demo.Load;

namespace Reprise.Cli.Tests.Demo;

public sealed class TallyTests
{
    [Fact]
    public void Minus_OfAnEarlierMoment_IsWhatCameSince()
    {
        var earlier = Tally.None.Add(new(VisitOutcome.Full)).Add(new(VisitOutcome.Declined, "spent"));
        var later = earlier.Add(new(VisitOutcome.Resumed)).Add(new(VisitOutcome.Declined, "store_error")).Add(new(VisitOutcome.Failed, "reset"));

        var since = later.Minus(earlier);

        Assert.Equal("1 resumed, 0 full, 1 declined (1 store_error), 1 failed", since.ToString());
        Assert.Equal(later.Handshakes, earlier.Plus(since).Handshakes);
        Assert.Equal(2, later.Declined);
    }
}
