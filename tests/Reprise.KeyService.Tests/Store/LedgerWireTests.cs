using Reprise.Core.Keys;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Tests.Store;

public sealed class LedgerWireTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly EpochLifetimes Lives = new(TimeSpan.FromHours(12), TimeSpan.FromHours(24));

    [Fact]
    public void TryParse_AnyLedger_GivesAllOfItBack()
    {
        var ledger = Full();

        Assert.True(LedgerWire.TryParse(LedgerWire.ToBytes(ledger), out var read, out _));

        Assert.Equal((ledger.Generation, ledger.KnowsFrom, ledger.RotationWanted), (read.Generation, read.KnowsFrom, read.RotationWanted));
        Assert.Equal(ledger.Epochs.Select(epoch => epoch with { Secret = null }), read.Epochs.Select(epoch => epoch with { Secret = null }));
        foreach (var (mine, theirs) in ledger.Epochs.Zip(read.Epochs))
            Assert.True(mine.Secret is null ? theirs.Secret is null : mine.Secret.FixedTimeEquals(theirs.Secret!));
        Assert.Equal(ledger.Purges.Numbers, read.Purges.Numbers);
        Assert.Equal(ledger.Switches.Switches, read.Switches.Switches);
        Assert.Equal(ledger.Removed, read.Removed);
        Assert.Equal(ledger.Commands, read.Commands);
    }

    // Whoever has sealed it is one of us, but may be of another version, or in error.
    [Fact]
    public void TryParse_WhatIsDamaged_IsRefusedOrALedgerAndNeverThrows()
    {
        var bytes = LedgerWire.ToBytes(Full());
        var random = new Random(1);
        for (var length = 0; length < bytes.Length; length++)
            _ = LedgerWire.TryParse(bytes.AsSpan(0, length), out _, out _);
        for (var i = 0; i < 5000; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Assert.Equal(LedgerWire.TryParse(damaged, out var ledger, out var reason), ledger is not null && reason is null);
        }
    }

    [Fact]
    public void TryParse_Nothing_IsRefused()
    {
        Assert.False(LedgerWire.TryParse([], out _, out var reason));
        Assert.Equal("it holds no epochs", reason);
    }

    private static EpochLedger Full()
    {
        var ledger = EpochLedger.Begin(Now, Lives, EpochSecret.Create());
        var first = ledger.Epochs[0].Number;
        ledger = ledger.Stage(Now.AddMinutes(1), Lives, EpochSecret.Create()).Activate(Now.AddMinutes(1), Now.AddMinutes(2), Lives);
        ledger = ledger.Revoke(first, Now.AddMinutes(3));
        ledger = ledger.Stage(Now.AddMinutes(4), Lives, EpochSecret.Create()).Activate(Now.AddMinutes(4), Now.AddMinutes(5), Lives);
        ledger = ledger.Revoke(ledger.Active!.Number, Now.AddMinutes(6)).Stage(Now.AddMinutes(6), Lives, EpochSecret.Create());
        ledger = ledger.Purge("shop", Now).Purge("", Now).Switch("shop", false, null, Now).Switch("blog", null, false, Now).Remove("edge-1", ["01AB", "02"], Now);
        ledger = ledger.Note(new Command("once", "admin/admin", "rotate", 7, Now), Now).Note(new Command("twice", "admin/other", "purge", 8, Now), Now);
        Assert.Contains(ledger.Epochs, epoch => epoch.Condemned);
        Assert.Equal(4, ledger.Epochs.Select(epoch => epoch.State).Distinct().Count());
        Assert.True(ledger.RotationWanted);
        return ledger;
    }
}
