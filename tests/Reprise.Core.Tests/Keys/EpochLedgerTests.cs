using Reprise.Core.Keys;
using static Reprise.Core.Tests.Keys.KeyFixtures;

namespace Reprise.Core.Tests.Keys;

public sealed class EpochLedgerTests
{
    [Fact]
    public void Begin_FirstEpoch_SealsAtOnce()
    {
        var ledger = Begin();

        var epoch = Assert.Single(ledger.Epochs);
        Assert.Equal(EpochState.Active, epoch.State);
        Assert.Equal(epoch, ledger.ToRing().SealingAt(Start));
        Assert.Equal(Start + 2 * Lives.Interval, epoch.SealUntil);
        Assert.Equal(epoch.SealUntil + Lives.DecryptLife, epoch.OpenUntil);
        Assert.Equal(epoch.Number, ledger.KnowsFrom);
    }

    [Fact]
    public void Begin_AfterRestart_NumbersHaveGrown()
    {
        var before = Begin();
        var now = Start;
        // The busiest life there can be: rotations without a pause.
        for (var i = 0; i < 20; i++)
        {
            before = before.Stage(now).Activate(now);
            now += Delay;
        }

        var after = EpochLedger.Begin(now + Delay, Lives, EpochSecret.Create());

        Assert.True(after.Generation > before.Generation);
        Assert.True(after.KnowsFrom > before.Epochs[0].Number);
    }

    [Fact]
    public void Stage_NewEpoch_OpensAndSealsNothing()
    {
        var before = Begin();
        var ledger = before.Stage(Start);

        Assert.Equal(before.Generation + 1, ledger.Generation);
        Assert.Equal(before.Active!.Number + 1, ledger.Staged!.Number);
        Assert.True(ledger.Staged.Opens(Start));
        Assert.False(ledger.Staged.Seals(Start + TimeSpan.FromDays(1)));
        Assert.Equal(before.Active, ledger.ToRing().SealingAt(Start));
    }

    [Fact]
    public void Stage_NeverActivated_EndsAllTheSame()
    {
        var staged = Begin().Stage(Start).Staged!;

        Assert.NotNull(staged.OpenUntil);
        Assert.False(staged.Opens(staged.OpenUntil.Value));
    }

    [Fact]
    public void Stage_WhileOneIsStaged_Throws() => Assert.Throws<InvalidOperationException>(() => Begin().Stage(Start).Stage(Start));

    [Fact]
    public void Activate_WithoutStaged_Throws() => Assert.Throws<InvalidOperationException>(() => Begin().Activate(Start));

    [Fact]
    public void Activate_InThePast_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Begin().Stage(Start).Activate(Start, Start - Delay, Lives));

    [Fact]
    public void Activate_AtItsTime_SealingPassesOverWithoutGapOrOverlap()
    {
        var ledger = Begin().Stage(Start).Activate(Start);
        var (former, active) = (ledger.Epochs[1], ledger.Active!);

        Assert.Equal(EpochState.Retired, former.State);
        Assert.True(former.Seals(Start + Delay - TimeSpan.FromTicks(1)));
        Assert.False(active.Seals(Start + Delay - TimeSpan.FromTicks(1)));
        Assert.False(former.Seals(Start + Delay));
        Assert.True(active.Seals(Start + Delay));
        Assert.Equal(Start + Delay + Lives.DecryptLife, former.OpenUntil);
    }

    [Fact]
    public void Activate_AfterTheFormersHardExpiry_NeverLengthensItsLife()
    {
        var ledger = Begin();
        var first = ledger.Active!;
        var late = first.SealUntil!.Value + TimeSpan.FromHours(1);

        var former = ledger.Stage(late).Activate(late).Epochs[1];

        Assert.Equal(first.SealUntil, former.SealUntil);
        Assert.Equal(first.OpenUntil, former.OpenUntil);
    }

    [Fact]
    public void Advance_NothingDue_IsTheSameLedger()
    {
        var ledger = Begin().Stage(Start);

        Assert.Same(ledger, ledger.Advance(ledger.NextChange()!.Value - TimeSpan.FromTicks(1)));
        Assert.NotSame(ledger, ledger.Advance(ledger.NextChange()!.Value));
    }

    [Fact]
    public void Advance_ActivePastItsSealing_IsRetired()
    {
        var ledger = Begin();

        var after = ledger.Advance(ledger.Active!.SealUntil!.Value);

        Assert.Null(after.Active);
        Assert.Equal(EpochState.Retired, Assert.Single(after.Epochs).State);
    }

    [Fact]
    public void Advance_LifeOver_DropsTheSecret()
    {
        var ledger = Begin().Stage(Start).Activate(Start);

        var former = ledger.Advance(ledger.Epochs[1].OpenUntil!.Value).Epochs[1];

        Assert.Equal(EpochState.Destroyed, former.State);
        Assert.Null(former.Secret);
    }

    [Fact]
    public void Advance_ManyDestroyed_KeepsTheNewestFew()
    {
        var ledger = Begin();
        var now = Start;
        for (var i = 0; i < 40; i++)
        {
            ledger = ledger.Stage(now).Activate(now);
            now += TimeSpan.FromHours(12);
            ledger = ledger.Advance(now);
        }

        Assert.Equal(8, ledger.Epochs.Count(epoch => epoch.State is EpochState.Destroyed));
        Assert.Equal(3, ledger.Epochs.Count(epoch => epoch.Secret is not null));
    }

    [Fact]
    public void ToString_NamesEpochsOnly()
    {
        var ledger = Begin();

        Assert.DoesNotContain(Convert.ToHexString(ledger.Active!.Secret!.Bytes()), ledger.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(ledger.Active.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), ledger.ToString(), StringComparison.Ordinal);
    }
}
