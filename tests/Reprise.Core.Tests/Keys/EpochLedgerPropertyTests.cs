using CsCheck;
using Reprise.Core.Keys;
using static Reprise.Core.Tests.Keys.KeyFixtures;

namespace Reprise.Core.Tests.Keys;

/// <summary>What the ledger's remarks promise, whatever the order of orders, losses, restarts and clock steps.</summary>
public sealed class EpochLedgerPropertyTests
{
    private static readonly Gen<Step> s_step = Gen.Select(Gen.Enum<Move>(), Gen.Int[0, 5], Gen.Int[1, 2000]).Select((move, which, minutes) => new Step(move, which, minutes));

    [Fact]
    public void Transitions_InAnyOrder_KeepTheLedgersPromises() => s_step.Array[1, 80].Sample(steps =>
    {
        var world = new World();
        foreach (var step in steps)
            world.Take(step);
    }, iter: 3000);

    private enum Move
    {
        Stage,
        Activate,
        Rotate,
        Revoke,
        RevokeActive,
        Purge,
        Switch,
        Remove,
        Time,
        ClockBack,
        StoreAndRestore,
        LoseEverything,
        Deliver,
    }

    private sealed record Step(Move Move, int Which, int Minutes);

    private sealed class World
    {
        private readonly KeyRing?[] _nodes = new KeyRing?[3];
        private readonly HashSet<long> _gone = [];
        private readonly Dictionary<long, long> _stagedIn = [];
        private EpochLedger _ledger = Begin();
        private DateTimeOffset _now = Start;
        private long _highest;
        private bool _disturbed;

        public void Take(Step step)
        {
            var before = _ledger;
            var sealedBefore = before.ToRing().SealingAt(_now) is not null;
            _disturbed |= step.Move is Move.ClockBack or Move.LoseEverything;
            var timeMoved = step.Move is Move.Time or Move.ClockBack or Move.LoseEverything;
            _ledger = Apply(step);
            if (step.Move is not (Move.LoseEverything or Move.StoreAndRestore))
                HoldTransition(before);
            HoldLedger();
            // With no active epoch left nothing was rotated for too long, and there is no successor.
            if (sealedBefore && !timeMoved && before.Active is not null && _ledger.Active is not null)
                HoldNoGap();
            HoldNodes();
        }

        private EpochLedger Apply(Step step)
        {
            switch (step.Move)
            {
                case Move.Stage when _ledger.Staged is null:
                    return _ledger.Stage(_now);
                case Move.Activate when _ledger.Staged is not null:
                    return _ledger.Activate(_now);
                case Move.Rotate:
                    return (_ledger.Staged is null ? _ledger.Stage(_now) : _ledger).Activate(_now);
                case Move.Revoke when _ledger.Epochs.Where(epoch => epoch.Secret is not null).ElementAtOrDefault(step.Which) is { } revoked:
                    return _ledger.Revoke(revoked.Number, _now);
                case Move.RevokeActive when _ledger.Active is { } active:
                    var condemned = _ledger.Revoke(active.Number, _now);
                    var after = (condemned.Staged is null ? condemned.Stage(_now) : condemned).Activate(_now, _now, Lives);
                    Assert.Equal(EpochState.Destroyed, after.Find(active.Number)?.State ?? EpochState.Destroyed);
                    return after;
                case Move.Purge:
                    return _ledger.Purge(step.Which == 0 ? PurgeNumbers.AllProfiles : $"p{step.Which}", _now);
                case Move.Switch:
                    return _ledger.Switch($"p{step.Which}", step.Minutes % 2 == 0, step.Minutes % 3 == 0, _now);
                case Move.Remove:
                    return _ledger.Remove($"node-{step.Which}", [$"{step.Minutes:X}"], _now);
                case Move.Time:
                    _now += TimeSpan.FromMinutes(step.Minutes);
                    return _ledger.Advance(_now);
                case Move.ClockBack:
                    _now -= TimeSpan.FromMinutes(step.Minutes);
                    return _ledger.Advance(_now);
                case Move.StoreAndRestore:
                    return EpochLedger.Restore(
                        _ledger.Generation, _ledger.KnowsFrom, _ledger.Epochs, _ledger.Purges, _ledger.Switches, _ledger.Removed, _ledger.Commands, _ledger.RotationWanted);
                case Move.LoseEverything:
                    // Longer than the clock was ever set back: else numbers could not know that they were given out before.
                    _now = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(_now.ToUnixTimeMilliseconds(), Math.Max(_highest, _ledger.Generation)) + 1000);
                    return EpochLedger.Begin(_now, Lives, EpochSecret.Create());
                case Move.Deliver:
                    var node = step.Which % _nodes.Length;
                    _nodes[node] = KeyRing.Adopt(_nodes[node], _ledger.ToRing(), _ledger.KnowsFrom, _now);
                    return _ledger;
                default:
                    return _ledger;
            }
        }

        private void HoldTransition(EpochLedger before)
        {
            Assert.True(ReferenceEquals(before, _ledger) || _ledger.Generation > before.Generation);
            Assert.True(before.Commands.Length <= _ledger.Commands.Length && before.Removed.Length <= _ledger.Removed.Length);
            foreach (var former in before.Epochs)
            {
                if (_ledger.Find(former.Number) is not { } epoch)
                    continue; // destroyed, and not kept for the record
                Assert.True(epoch.State >= former.State);
                if (former.State is not EpochState.Staged)
                    Assert.False(epoch.OpenUntil > former.OpenUntil || epoch.SealUntil > former.SealUntil);
            }
        }

        private void HoldLedger()
        {
            Assert.True(_ledger.Epochs.Count(epoch => epoch.State is EpochState.Active) <= 1);
            Assert.True(_ledger.Epochs.Count(epoch => epoch.State is EpochState.Staged) <= 1);
            foreach (var epoch in _ledger.Epochs)
            {
                Assert.Equal(epoch.State is EpochState.Destroyed, epoch.Secret is null);
                Assert.True(!epoch.Condemned || epoch.State is EpochState.Active);
                Assert.True(epoch.SealUntil is null || epoch.SealUntil <= epoch.OpenUntil);
                Assert.False(epoch.Seals(_now) && !epoch.Opens(_now));
                // What is destroyed never comes back.
                Assert.False(epoch.Secret is not null && _gone.Contains(epoch.Number));
                if (epoch.State is EpochState.Destroyed)
                    _gone.Add(epoch.Number);
                if (epoch.Number > _highest)
                    _stagedIn.TryAdd(epoch.Number, _ledger.Generation);
            }

            Assert.True(_ledger.Epochs.IsEmpty || _ledger.Epochs[0].Number >= _highest || _ledger.KnowsFrom > 0);
            _highest = Math.Max(_highest, _ledger.Epochs.Select(epoch => epoch.Number).DefaultIfEmpty().Max());
        }

        // With a successor in place there is no moment without an epoch that seals, up to the end of its own time.
        private void HoldNoGap()
        {
            var ring = _ledger.ToRing();
            Assert.NotNull(ring.SealingAt(_now));
            if (_ledger.Active is not { } active || active.ActivatesAt > _now + Delay)
                return;
            Assert.NotNull(ring.SealingAt(active.ActivatesAt!.Value));
            if (active.ActivatesAt > _now)
                Assert.NotNull(ring.SealingAt(active.ActivatesAt.Value - TimeSpan.FromTicks(1)));
            Assert.NotNull(ring.SealingAt(active.SealUntil!.Value - TimeSpan.FromTicks(1)));
        }

        private void HoldNodes()
        {
            for (var i = 0; i < _nodes.Length; i++)
            {
                // As the subscriber does by its timer.
                _nodes[i] = _nodes[i]?.Expire(_now);
                if (_nodes[i]?.SealingAt(_now) is not { } sealing)
                    continue;
                Assert.True(sealing.Opens(_now) && sealing.ActivatesAt <= _now && _now < sealing.SealUntil);
                // What one node seals, each node that has been told of that epoch opens, unless it has been told since that it is gone;
                // and unless the one that seals has missed everything since the clock was set back or the service lost its memory.
                foreach (var other in _disturbed ? [] : _nodes)
                {
                    if (other is not null && _stagedIn.TryGetValue(sealing.Number, out var stagedIn) && other.Generation >= stagedIn && other.Find(sealing.Number) is { State: not EpochState.Destroyed } known)
                        Assert.True(known.Opens(_now));
                }
            }
        }
    }
}
