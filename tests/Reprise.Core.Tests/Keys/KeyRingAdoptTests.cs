using Reprise.Core.Keys;
using static Reprise.Core.Tests.Keys.KeyFixtures;

namespace Reprise.Core.Tests.Keys;

public sealed class KeyRingAdoptTests
{
    private static readonly DateTimeOffset s_restart = Start + TimeSpan.FromHours(1);

    [Fact]
    public void Adopt_NothingHeld_IsThePush()
    {
        var ledger = Begin();

        var ring = KeyRing.Adopt(null, ledger.ToRing(), ledger.KnowsFrom, Start);

        Assert.Equal(ledger.Generation, ring.Generation);
        Assert.Equal(ledger.Epochs, ring.Epochs);
    }

    [Fact]
    public void Adopt_SameEpochAgain_KeepsTheHeldSecretObject()
    {
        var ledger = Begin();
        var held = ledger.ToRing();
        var arrived = Arrived(ledger.Active!);

        var ring = KeyRing.Adopt(held, arrived, ledger.KnowsFrom, Start);

        Assert.Same(held.Epochs[0].Secret, ring.Epochs[0].Secret);
        Assert.Same(arrived.Epochs[0].Secret, Assert.Single(arrived.SecretsNotIn(ring)));
        Assert.Empty(held.SecretsNotIn(ring));
    }

    [Fact]
    public void Adopt_RestartedService_SealsWithItsEpochAndGoesOnOpeningTheOldOnes()
    {
        var old = Begin().Stage(Start).Activate(Start);
        var fresh = EpochLedger.Begin(s_restart, Lives, EpochSecret.Create());

        var ring = KeyRing.Adopt(old.ToRing(), fresh.ToRing(), fresh.KnowsFrom, s_restart);

        Assert.Equal(fresh.Active, ring.SealingAt(s_restart));
        Assert.True(ring.Find(old.Epochs[0].Number)!.Opens(s_restart));
        Assert.True(ring.Find(old.Epochs[1].Number)!.Opens(s_restart));
        Assert.DoesNotContain(ring.Epochs, epoch => epoch.Number != fresh.Active!.Number && epoch.Seals(s_restart));
    }

    [Fact]
    public void Adopt_RestartedService_GivesTheFormerActiveEpochItsDecryptLifeOnly()
    {
        var old = Begin();
        var fresh = EpochLedger.Begin(s_restart, Lives, EpochSecret.Create());

        var ring = KeyRing.Adopt(old.ToRing(), fresh.ToRing(), fresh.KnowsFrom, s_restart);

        var kept = ring.Find(old.Active!.Number)!;
        Assert.Equal(EpochState.Retired, kept.State);
        Assert.Equal(s_restart, kept.SealUntil);
        Assert.Equal(s_restart + Lives.DecryptLife, kept.OpenUntil);
    }

    [Fact]
    public void Adopt_ServiceThatIsBehindTheClock_OldEpochSealsUntilTheNewOneDoes()
    {
        var old = Begin();
        var fresh = EpochLedger.Begin(s_restart, Lives, EpochSecret.Create());
        var nodesClock = s_restart - TimeSpan.FromSeconds(3);

        var ring = KeyRing.Adopt(old.ToRing(), fresh.ToRing(), fresh.KnowsFrom, nodesClock);

        Assert.Equal(old.Active!.Number, ring.SealingAt(nodesClock)!.Number);
        Assert.Equal(fresh.Active, ring.SealingAt(s_restart));
    }

    [Fact]
    public void Adopt_RestartedServiceAgainAndAgain_NeverLengthensALife()
    {
        var ring = Begin().ToRing();
        var first = ring.Epochs[0].Number;
        DateTimeOffset? until = null;
        for (var i = 1; i <= 5; i++)
        {
            var fresh = EpochLedger.Begin(Start + TimeSpan.FromHours(i), Lives, EpochSecret.Create());
            ring = KeyRing.Adopt(ring, fresh.ToRing(), fresh.KnowsFrom, Start + TimeSpan.FromHours(i));
            Assert.True(until is null || ring.Find(first)!.OpenUntil == until);
            until = ring.Find(first)!.OpenUntil;
        }

        ring = ring.Expire(until!.Value);
        Assert.Equal(EpochState.Destroyed, ring.Find(first)!.State);
    }

    [Fact]
    public void Adopt_StagedEpochOfALostService_OpensToItsBoundAndNeverSeals()
    {
        var old = Begin().Stage(Start);
        var fresh = EpochLedger.Begin(s_restart, Lives, EpochSecret.Create());

        var kept = KeyRing.Adopt(old.ToRing(), fresh.ToRing(), fresh.KnowsFrom, s_restart).Find(old.Staged!.Number)!;

        Assert.True(kept.Opens(s_restart));
        Assert.False(kept.Seals(s_restart));
        Assert.Equal(old.Staged.OpenUntil, kept.OpenUntil);
    }

    [Fact]
    public void Adopt_AbsentThoughKnown_IsDropped()
    {
        var ledger = Begin().Stage(Start).Activate(Start);
        var without = new KeyRing(ledger.Generation + 1, [ledger.Active!]);

        var ring = KeyRing.Adopt(ledger.ToRing(), without, ledger.KnowsFrom, Start);

        Assert.Equal(ledger.Active, Assert.Single(ring.Epochs));
        Assert.Same(ledger.Epochs[1].Secret, Assert.Single(ledger.ToRing().SecretsNotIn(ring)));
    }

    [Fact]
    public void Adopt_CompleteRing_DropsWhateverIsAbsent()
    {
        var old = Begin();
        var fresh = EpochLedger.Begin(s_restart, Lives, EpochSecret.Create());

        var ring = KeyRing.Adopt(old.ToRing(), fresh.ToRing(), knowsFrom: 0, s_restart);

        Assert.Equal(fresh.Active, Assert.Single(ring.Epochs));
    }

    [Fact]
    public void Adopt_DestroyedByTheService_IsDestroyed()
    {
        var ledger = Begin().Stage(Start).Activate(Start);
        var destroyed = ledger.Epochs[1] with { State = EpochState.Destroyed, Secret = null };

        var ring = KeyRing.Adopt(ledger.ToRing(), new KeyRing(ledger.Generation + 1, [ledger.Active!, destroyed]), ledger.KnowsFrom, Start);

        Assert.Null(ring.Find(destroyed.Number)!.Secret);
    }

    [Fact]
    public void Adopt_SameNumberOtherSecret_TheServiceDecides()
    {
        var held = Begin();
        var pushed = Begin();

        var ring = KeyRing.Adopt(held.ToRing(), pushed.ToRing(), pushed.KnowsFrom, Start);

        Assert.Same(pushed.Active!.Secret, Assert.Single(ring.Epochs).Secret);
        Assert.Same(held.Active!.Secret, Assert.Single(held.ToRing().SecretsNotIn(ring)));
    }

    [Fact]
    public void Adopt_OldSecretUnderANewNumber_IsRefused()
    {
        var held = Begin();
        var again = new KeyRing(held.Generation + 1, [held.Active! with { Number = held.Active!.Number + 5 }]);

        Assert.Throws<ArgumentException>(() => KeyRing.Adopt(held.ToRing(), again, held.Active.Number + 5, Start));
    }

    [Fact]
    public void Adopt_PushOfWhatIsOverOnThisClock_IsDestroyedOnArrival()
    {
        var ledger = Begin();

        var ring = KeyRing.Adopt(null, ledger.ToRing(), ledger.KnowsFrom, ledger.Active!.OpenUntil!.Value);

        Assert.Null(Assert.Single(ring.Epochs).Secret);
        Assert.Null(ring.NextExpiry());
    }

    [Fact]
    public void NextExpiry_SeveralEpochs_IsTheEarliest()
    {
        var ledger = Begin().Stage(Start).Activate(Start);

        Assert.Equal(ledger.Epochs[1].OpenUntil, ledger.ToRing().NextExpiry());
    }

    // The same epoch as it comes out of a message: an equal secret in another object.
    private static KeyRing Arrived(Epoch epoch) => new(epoch.Number, [epoch with { Secret = EpochSecret.Import(epoch.Secret!.Bytes()) }]);
}
