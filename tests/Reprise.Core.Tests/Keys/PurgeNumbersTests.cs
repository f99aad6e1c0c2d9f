using Reprise.Core.Keys;
using static Reprise.Core.Tests.Keys.KeyFixtures;

namespace Reprise.Core.Tests.Keys;

public sealed class PurgeNumbersTests
{
    private static readonly long s_start = Start.ToUnixTimeMilliseconds();

    [Fact]
    public void Of_NeverPurged_IsZero() => Assert.Equal((0, 0), (PurgeNumbers.None.Of("shop"), PurgeNumbers.None.All));

    [Fact]
    public void Purge_OneProfile_LeavesTheOthers()
    {
        var purges = PurgeNumbers.None.Purge("shop", Start);

        Assert.Equal((s_start, 0), (purges.Of("shop"), purges.Of("bank")));
    }

    [Fact]
    public void Purge_All_IsAboveEveryProfilesAndHoldsForThoseToCome()
    {
        var purges = PurgeNumbers.None.Purge("shop", Start).Purge(PurgeNumbers.AllProfiles, Start);

        Assert.Equal(s_start + 1, purges.All);
        Assert.Equal((s_start + 1, s_start + 1), (purges.Of("shop"), purges.Of("new")));
        Assert.Single(purges.Numbers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3600)]
    public void Purge_WithAClockThatStandsOrWentBack_StillGrows(int seconds)
    {
        var first = PurgeNumbers.None.Purge("shop", Start);

        var again = first.Purge("shop", Start.AddSeconds(seconds));

        Assert.True(again.Of("shop") > first.Of("shop"));
        Assert.True(again.Purge("bank", Start).Of("bank") > again.Of("shop")); // numbers name sweeps: none stands twice
    }

    [Fact]
    public void Raise_ToALowerNumber_ChangesNothing()
    {
        var purges = PurgeNumbers.None.Purge("shop", Start).Purge(PurgeNumbers.AllProfiles, Start);

        Assert.Same(purges, purges.Raise("shop", s_start));
        Assert.Same(purges, purges.Raise("bank", s_start));
        Assert.Same(purges, purges.Raise(PurgeNumbers.AllProfiles, s_start));
        Assert.Same(purges, purges.Merge(PurgeNumbers.None));
        Assert.Same(purges, purges.Merge(purges));
    }

    [Fact]
    public void Merge_Two_HasTheHigherOfEach()
    {
        var one = PurgeNumbers.None.Raise("shop", 5).Raise("bank", 7);
        var other = PurgeNumbers.None.Raise("shop", 6).Raise(PurgeNumbers.AllProfiles, 4);

        foreach (var merged in new[] { one.Merge(other), other.Merge(one) })
            Assert.Equal((6, 7, 4), (merged.Of("shop"), merged.Of("bank"), merged.All));
    }

    [Fact]
    public void Ledger_Purge_IsANewGenerationThatEveryLaterOneKeeps()
    {
        var ledger = Begin();

        var purged = ledger.Purge("shop", Start);

        Assert.Equal(ledger.Generation + 1, purged.Generation);
        Assert.Equal(s_start, purged.Stage(Start).Activate(Start).ToRing().Purges.Of("shop"));
        Assert.Equal(s_start, purged.Advance(Start.AddDays(30)).Purges.Of("shop"));
    }

    [Fact]
    public void Ledger_LearnWhatIsKnown_IsNoNewGeneration()
    {
        var purged = Begin().Purge("shop", Start);

        Assert.Same(purged, purged.Learn(purged.Purges, ResumptionSwitches.None, Start));
        Assert.Same(purged, purged.Learn(PurgeNumbers.None.Raise("shop", 1), ResumptionSwitches.None, Start));
        var learned = purged.Learn(PurgeNumbers.None.Raise("bank", 1), ResumptionSwitches.None, Start);
        Assert.Equal((purged.Generation + 1, 1, s_start), (learned.Generation, learned.Purges.Of("bank"), learned.Purges.Of("shop")));
    }

    // A key service that has lost its memory knows of no purge.
    [Fact]
    public void Adopt_RingWithoutThePurgesHeld_KeepsThem()
    {
        var held = Begin().Purge("shop", Start).ToRing();
        var fresh = EpochLedger.Begin(Start.AddHours(1), Lives, EpochSecret.Create()).Purge("bank", Start.AddHours(1));

        var ring = KeyRing.Adopt(held, fresh.ToRing(), fresh.KnowsFrom, Start.AddHours(1));

        Assert.Equal((s_start, fresh.Purges.Of("bank")), (ring.Purges.Of("shop"), ring.Purges.Of("bank")));
        Assert.Equal(s_start, ring.Expire(Start.AddDays(30)).Purges.Of("shop"));
    }

    // Nodes refuse a ring with more, and with it every rotation.
    [Fact]
    public void Raise_MoreNamesThanAllowed_PurgesAll()
    {
        var purges = PurgeNumbers.None;
        for (var i = 0; i < PurgeNumbers.MostNames; i++)
            purges = purges.Raise($"profile-{i}", 7);

        purges = purges.Raise("one more", 9);

        Assert.Equal((9, 9), (purges.All, purges.Of("profile-1")));
        Assert.Single(purges.Numbers);
    }
}
