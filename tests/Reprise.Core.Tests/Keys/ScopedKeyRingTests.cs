using Reprise.Core.Keys;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Keys;

public sealed class ScopedKeyRingTests
{
    [Fact]
    public void Derive_DestroyedEpochs_AreLeftOut()
    {
        using var ring = Ring(Shop, Epoch(11, 2), Epoch(10, 1, EpochState.Destroyed) with { Secret = null });

        Assert.Equal([11], ring.Keys.Select(keys => keys.Epoch.Number));
        Assert.Null(ring.FindEpoch(10));
        Assert.Equal(1, ring.Generation);
    }

    [Fact]
    public void SealingAt_TwoEpochs_SwitchesAtTheActivationTime()
    {
        using var ring = Ring(Shop, Epoch(11, 2) with { ActivatesAt = Now }, Epoch(10, 1, EpochState.Retired) with { SealUntil = Now });

        Assert.Equal(10, ring.SealingAt(Now.AddTicks(-1))!.Epoch.Number);
        Assert.Equal(11, ring.SealingAt(Now)!.Epoch.Number);
    }

    [Fact]
    public void SealingAt_StagedOnly_IsNull()
    {
        using var ring = Ring(Shop, Epoch(11, 2, EpochState.Staged) with { ActivatesAt = null, SealUntil = null });

        Assert.Null(ring.SealingAt(Now));
        Assert.NotNull(ring.FindEpoch(11));
    }

    [Fact]
    public void SealingAt_PastTheHardExpiry_IsNull()
    {
        using var ring = Ring(Shop, Epoch(10, 1));

        Assert.NotNull(ring.SealingAt(Now.AddHours(1).AddTicks(-1)));
        Assert.Null(ring.SealingAt(Now.AddHours(1)));
    }

    [Fact]
    public void FindName_NameOfAnotherScope_IsNull()
    {
        using var ring = Ring(Shop, Epoch(11, 2), Epoch(10, 1));
        using var other = Ring(Bank, Epoch(11, 2), Epoch(10, 1));

        Assert.Equal(10, ring.FindName(ring.FindEpoch(10)!.Name)!.Epoch.Number);
        Assert.Null(ring.FindName(other.FindEpoch(10)!.Name));
    }

    [Fact]
    public void FindName_AnyBytes_IsNull()
    {
        using var ring = Ring(Shop, Epoch(10, 1));
        var name = ring.Keys[0].Name.ToArray();

        Assert.Null(ring.FindName([]));
        Assert.Null(ring.FindName(name.AsSpan(0, 15)));
        Assert.Null(ring.FindName([.. name, 0]));
        Assert.Null(ring.FindName(new byte[16]));
    }

    // What tells a ticket that is past its time from one that never was ours.
    [Fact]
    public void FindDestroyed_EpochsThatTheFormerRingHeld_AreKnownByNameForAsLongAsTheyAreListed()
    {
        using var first = Ring(Shop, Epoch(11, 2), Epoch(10, 1));
        var (name, other) = (first.FindEpoch(10)!.Name.ToArray(), first.FindEpoch(11)!.Name.ToArray());
        var destroyed = Epoch(10, 1, EpochState.Destroyed) with { Secret = null };

        using var second = ScopedKeyRing.Derive(new KeyRing(2, [Epoch(11, 2), destroyed]), Shop, Parts.Profile, first);
        first.Dispose(); // zeroed, as a node does: the names must be copies
        using var third = ScopedKeyRing.Derive(new KeyRing(3, [Epoch(11, 2), destroyed]), Shop, Parts.Profile, second);
        using var forgotten = ScopedKeyRing.Derive(new KeyRing(4, [Epoch(11, 2)]), Shop, Parts.Profile, third);

        Assert.All([second, third], ring =>
        {
            Assert.Equal(10, ring.FindDestroyed(name)!.Number);
            Assert.Null(ring.FindDestroyed(other));
            Assert.Null(ring.FindDestroyed(new byte[16]));
            Assert.Null(ring.FindName(name));
        });
        Assert.Null(forgotten.FindDestroyed(name));
        Assert.False(second.FindDestroyed(name)!.IsPast(destroyed.OpenUntil!.Value.AddTicks(-1)));
        Assert.True(second.FindDestroyed(name)!.IsPast(destroyed.OpenUntil!.Value));
    }

    [Fact]
    public void Dispose_Always_ZeroesEveryEpochsKeys()
    {
        var ring = Ring(Shop, Epoch(11, 2), Epoch(10, 1));
        ring.Dispose();

        Assert.All(ring.Keys, keys => Assert.All(keys.TicketCipherKey.ToArray(), b => Assert.Equal(0, b)));
    }
}
