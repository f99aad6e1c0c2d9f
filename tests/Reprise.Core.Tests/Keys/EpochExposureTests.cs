namespace Reprise.Core.Tests.Keys;

/// <summary>How long a stolen secret is worth something.</summary>
public sealed class EpochExposureTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Exposure_OfAnActiveEpoch_IsItsWholeLife() => // 2 × 12 h of sealing, 24 h of opening
        Assert.Equal(48 * Hour, KeyFixtures.Begin().Active!.Exposure());

    [Fact]
    public void Exposure_WithATicketLife_EndsWithTheLastTicket() =>
        Assert.Equal(25 * Hour, KeyFixtures.Begin().Active!.Exposure(Hour));

    [Fact]
    public void Exposure_TicketsThatOutliveTheEpoch_EndWithIt() =>
        Assert.Equal(48 * Hour, KeyFixtures.Begin().Active!.Exposure(100 * Hour));

    [Fact]
    public void Exposure_OfAReplacedEpoch_CountsWhatItHasSealed()
    {
        var now = KeyFixtures.Start + (12 * Hour);
        var ledger = KeyFixtures.Begin().Stage(now).Activate(now);

        Assert.Equal((36 * Hour) + KeyFixtures.Delay, ledger.Epochs[1].Exposure());
    }

    [Fact]
    public void Exposure_OfAStagedOrDestroyedEpoch_IsNone()
    {
        var ledger = KeyFixtures.Begin().Stage(KeyFixtures.Start + Hour);
        var revoked = ledger.Revoke(ledger.Staged!.Number, KeyFixtures.Start + Hour);

        Assert.Equal(TimeSpan.Zero, ledger.Staged!.Exposure());
        Assert.Equal(TimeSpan.Zero, revoked.Epochs[0].Exposure());
    }
}
