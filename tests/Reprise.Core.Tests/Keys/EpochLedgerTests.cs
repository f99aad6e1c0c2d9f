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

    // Whatever the order of transitions and of time: what the ledger's remarks promise.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Transitions_InAnyOrder_KeepTheLedgersPromises(int seed)
    {
        var random = new Random(seed);
        var ledger = Begin();
        var now = Start;
        var highest = ledger.Epochs[0].Number;
        for (var step = 0; step < 500; step++)
        {
            var before = ledger;
            ledger = random.Next(4) switch
            {
                0 when ledger.Staged is null => ledger.Stage(now),
                1 when ledger.Staged is not null => ledger.Activate(now),
                _ => ledger.Advance(now += TimeSpan.FromMinutes(random.Next(1, 900))),
            };

            Assert.True(ReferenceEquals(before, ledger) || ledger.Generation == before.Generation + 1);
            Assert.True(ledger.Epochs.Count(epoch => epoch.State is EpochState.Active) <= 1);
            Assert.True(ledger.Epochs.Count(epoch => epoch.State is EpochState.Staged) <= 1);
            Assert.True(ledger.Epochs.Count(epoch => epoch.Seals(now)) <= 1);
            Assert.All(ledger.Epochs, epoch => Assert.Equal(epoch.State is EpochState.Destroyed, epoch.Secret is null));
            Assert.All(ledger.Epochs, epoch => Assert.True(epoch.SealUntil is null || epoch.SealUntil <= epoch.OpenUntil));
            Assert.All(before.Epochs, epoch => Assert.True(ledger.Epochs.All(after => after.Number != epoch.Number || after.State >= epoch.State)));
            Assert.True(ledger.Epochs[0].Number >= highest);
            highest = ledger.Epochs[0].Number;
        }
    }

    [Fact]
    public void ToString_NamesEpochsOnly()
    {
        var ledger = Begin();

        Assert.DoesNotContain(Convert.ToHexString(ledger.Active!.Secret!.Bytes()), ledger.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(ledger.Active.Number.ToString(System.Globalization.CultureInfo.InvariantCulture), ledger.ToString(), StringComparison.Ordinal);
    }
}
