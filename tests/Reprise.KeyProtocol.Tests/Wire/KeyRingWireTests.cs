using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyProtocol.Tests.Wire;

public sealed class KeyRingWireTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void RoundTrip_Ring_ComesBackWhole()
    {
        var lives = new EpochLifetimes(TimeSpan.FromHours(12), TimeSpan.FromHours(24));
        var ledger = EpochLedger.Begin(s_now, lives, EpochSecret.Create()).Stage(s_now, lives, EpochSecret.Create())
            .Activate(s_now, s_now.AddMilliseconds(200), lives).Stage(s_now, lives, EpochSecret.Create())
            .Purge(PurgeNumbers.AllProfiles, s_now).Purge("shop", s_now);
        var bytes = KeyRingWire.ToWire(ledger.ToRing(), ledger.KnowsFrom).ToByteArray();

        Assert.True(KeyRingWire.TryParse(V1.KeyRing.Parser.ParseFrom(bytes), out var push, out _));

        Assert.Equal(ledger.Generation, push.Ring.Generation);
        Assert.Equal(ledger.KnowsFrom, push.KnowsFrom);
        Assert.Equal(ledger.Purges.Numbers, push.Ring.Purges.Numbers);
        foreach (var (expected, actual) in ledger.Epochs.Zip(push.Ring.Epochs))
        {
            Assert.True(expected.Secret!.FixedTimeEquals(actual.Secret!));
            Assert.Equal(expected with { Secret = null }, actual with { Secret = null });
        }
    }

    public static TheoryData<string, Action<V1.KeyRing>> Faults => new()
    {
        { "not 32 bytes", ring => ring.Epochs[0].Secret = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(31)) },
        { "not 32 bytes", ring => ring.Epochs[0].Secret = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(48)) },
        { "weak secret", ring => ring.Epochs[0].Secret = ByteString.CopyFrom(new byte[32]) },
        { "weak secret", ring => ring.Epochs[0].Secret = ByteString.CopyFrom([.. Enumerable.Repeat((byte)7, 32)]) },
        { "weak secret", ring => ring.Epochs[0].Secret = ByteString.Empty },
        { "share a secret", ring => ring.Epochs[0].Secret = ring.Epochs[1].Secret },
        { "stands twice", ring => ring.Epochs[0].Number = ring.Epochs[1].Number },
        { "not positive", ring => ring.Epochs[0].Number = 0 },
        { "generation 0", ring => ring.Generation = 0 },
        { "negative", ring => ring.KnowsFromEpoch = -1 },
        { "unknown state", ring => ring.Epochs[0].State = V1.EpochState.Unspecified },
        { "unknown state", ring => ring.Epochs[0].State = (V1.EpochState)99 },
        { "never end", ring => ring.Epochs[1].OpenUntil = null },
        { "created_at", ring => ring.Epochs[0].CreatedAt = null },
        { "out of range", ring => ring.Epochs[0].OpenUntil = new Timestamp { Seconds = long.MaxValue } },
        { "out of range", ring => ring.Epochs[0].OpenUntil.Nanos = -1 },
        { "without activates_at", ring => ring.Epochs[0].ActivatesAt = null },
        { "no longer opens", ring => ring.Epochs[0].SealUntil = new Timestamp { Seconds = ring.Epochs[0].OpenUntil.Seconds + 1 } },
        { "is destroyed and has a secret", ring => ring.Epochs[1].State = V1.EpochState.Destroyed },
        { "2 epochs are active", ring => ring.Epochs[1].State = V1.EpochState.Active },
        { "purge", ring => ring.Purges.Add(new V1.Purge { Profile = "shop" }) },
        { "purge", ring => ring.Purges.Add(new V1.Purge { Profile = "shop", Number = -5 }) },
        { "purge", ring => ring.Purges.Add(new V1.Purge { Profile = new string('x', 1000), Number = 5 }) },
        { "it holds 5000 purges", ring => ring.Purges.Add(Enumerable.Range(1, 5000).Select(number => new V1.Purge { Profile = $"p{number}", Number = number })) },
        { "it holds 0 epochs", ring => ring.Epochs.Clear() },
        { "it holds 302 epochs", ring => ring.Epochs.Add(Enumerable.Range(100, 300).Select(number => new V1.Epoch { Number = number })) },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Faults))]
    public void TryParse_FaultyRing_IsRefusedAndWiped(string expected, Action<V1.KeyRing> spoil)
    {
        var wire = Ring();
        var secrets = wire.Epochs.Select(epoch => epoch.Secret.ToBase64()).ToList();
        spoil(wire);

        Assert.False(KeyRingWire.TryParse(wire, out _, out var reason));

        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret[..8], reason, StringComparison.Ordinal));
        Assert.All(wire.Epochs, epoch => Assert.True(epoch.Secret.Span.IndexOfAnyExcept((byte)0) < 0));
    }

    [Fact]
    public void TryParse_GoodRing_WipesTheMessageToo()
    {
        var wire = Ring();

        Assert.True(KeyRingWire.TryParse(wire, out _, out _));

        Assert.All(wire.Epochs, epoch => Assert.True(epoch.Secret.Span.IndexOfAnyExcept((byte)0) < 0));
    }

    [Fact]
    public void Wipe_MessageMadeFromARing_LeavesTheRingAlone()
    {
        var secret = EpochSecret.Create();
        var ring = new KeyRing(1, [new Epoch(1, EpochState.Active, s_now, s_now, s_now.AddHours(1), s_now.AddHours(2), secret)]);
        var before = EpochSecret.Import(Bytes(secret));

        KeyRingWire.ToWire(ring, 1).Wipe();

        Assert.True(secret.FixedTimeEquals(before));
    }

    [Fact]
    public void ToString_AnyMessageWithARing_ShowsNoSecret()
    {
        var wire = Ring();
        var response = new V1.SubscribeResponse { KeyRing = wire };

        foreach (var text in new[] { wire.ToString(), wire.Epochs[0].ToString(), response.ToString(), $"{wire}" })
        {
            Assert.DoesNotContain(wire.Epochs[0].Secret.ToBase64()[..8], text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void ToWire_DestroyedMeanwhile_ThrowsAndSendsNoZeros()
    {
        var secret = EpochSecret.Create();
        var ring = new KeyRing(1, [new Epoch(1, EpochState.Active, s_now, s_now, s_now.AddHours(1), s_now.AddHours(2), secret)]);
        secret.Dispose();

        Assert.Throws<ObjectDisposedException>(() => KeyRingWire.ToWire(ring, 1));
    }

    private static V1.KeyRing Ring() => new()
    {
        Generation = 5,
        KnowsFromEpoch = 1,
        Epochs =
        {
            Epoch(2, V1.EpochState.Active),
            Epoch(1, V1.EpochState.Retired),
        },
    };

    private static V1.Epoch Epoch(long number, V1.EpochState state) => new()
    {
        Number = number,
        State = state,
        CreatedAt = s_now.ToTimestamp(),
        ActivatesAt = s_now.ToTimestamp(),
        SealUntil = s_now.AddHours(1).ToTimestamp(),
        OpenUntil = s_now.AddHours(2).ToTimestamp(),
        Secret = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(32)),
    };

    private static byte[] Bytes(EpochSecret secret)
    {
        var bytes = new byte[EpochSecret.Length];
        secret.CopyTo(bytes);
        return bytes;
    }
}
