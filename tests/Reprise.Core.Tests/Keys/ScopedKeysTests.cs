using System.Security.Cryptography;
using System.Text;
using Reprise.Core.Keys;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Keys;

public sealed class ScopedKeysTests
{
    // RFC 5869 by hand from HMAC alone, so that it does not agree with itself.
    [Fact]
    public void Derive_KnownEpochAndScope_IsHkdfOfPurposeAndScope()
    {
        using var keys = ScopedKeys.Derive(Epoch(10, 1), Shop, 0, 0);

        Assert.Equal(Expected("ticket key name", 16), keys.Name.ToArray());
        Assert.Equal(Expected("ticket cipher", 32), keys.TicketCipherKey.ToArray());
        Assert.Equal(Expected("ticket mac", 32), keys.TicketMacKey.ToArray());
    }

    // Nodes of two releases share a ring: what they derive from it must stay the same.
    [Fact]
    public void Derive_KnownEpochAndScope_StaysTheSameOverReleases()
    {
        using var keys = ScopedKeys.Derive(Epoch(10, 1), Shop, 0, 0);

        Assert.Equal("0e2fbaffc50607af237a3cd55bc376e5", Convert.ToHexStringLower(keys.Name));
    }

    [Fact]
    public void Derive_AnotherScope_SharesNothing() => AssertNothingShared(Epoch(10, 1), Shop, Epoch(10, 1), Bank);

    [Fact]
    public void Derive_AnotherEpoch_SharesNothing() => AssertNothingShared(Epoch(10, 1), Shop, Epoch(11, 2), Shop);

    // A purge ends stored sessions; tickets go on.
    [Fact]
    public void Derive_AnotherPurgeNumber_SharesTheTicketKeys()
    {
        using var keys = ScopedKeys.Derive(Epoch(10, 1), Shop, 0, 0);
        using var purged = ScopedKeys.Derive(Epoch(10, 1), Shop, 5, 0);

        Assert.Equal(keys.Name.ToArray(), purged.Name.ToArray());
        Assert.Equal(keys.TicketCipherKey.ToArray(), purged.TicketCipherKey.ToArray());
        Assert.Equal(keys.TicketMacKey.ToArray(), purged.TicketMacKey.ToArray());
    }

    [Fact]
    public void Derive_Purposes_AreDifferentKeys()
    {
        using var keys = ScopedKeys.Derive(Epoch(10, 1), Shop, 0, 0);

        Assert.NotEqual(keys.TicketCipherKey.ToArray(), keys.TicketMacKey.ToArray());
        Assert.NotEqual(keys.Name.ToArray(), keys.TicketCipherKey[..16].ToArray());
        Assert.NotEqual(keys.Name.ToArray(), keys.TicketMacKey[..16].ToArray());
    }

    [Fact]
    public void Derive_DestroyedEpoch_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ScopedKeys.Derive(Epoch(10, 1, EpochState.Destroyed) with { Secret = null }, Shop, 0, 0));

    [Fact]
    public void Derive_SecretThatWasZeroed_IsRefused()
    {
        var epoch = Epoch(10, 1);
        epoch.Secret!.Dispose();

        Assert.Throws<ObjectDisposedException>(() => ScopedKeys.Derive(epoch, Shop, 0, 0));
    }

    [Fact]
    public void Dispose_Always_ZeroesAllKeys()
    {
        var keys = ScopedKeys.Derive(Epoch(10, 1), Shop, 0, 0);
        keys.Dispose();

        Assert.All(keys.Name.ToArray(), b => Assert.Equal(0, b));
        Assert.All(keys.TicketCipherKey.ToArray(), b => Assert.Equal(0, b));
        Assert.All(keys.TicketMacKey.ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void ToString_Always_NamesEpochAndScopeOnly()
    {
        using var keys = ScopedKeys.Derive(Epoch(10, 1), Shop, 0, 0);

        Assert.Equal($"keys of epoch 10, scope {Shop}", keys.ToString());
    }

    private static void AssertNothingShared(Epoch epoch, Core.Sessions.Scope scope, Epoch otherEpoch, Core.Sessions.Scope otherScope)
    {
        using var keys = ScopedKeys.Derive(epoch, scope, 0, 0);
        using var others = ScopedKeys.Derive(otherEpoch, otherScope, 0, 0);

        Assert.NotEqual(keys.Name.ToArray(), others.Name.ToArray());
        Assert.NotEqual(keys.TicketCipherKey.ToArray(), others.TicketCipherKey.ToArray());
        Assert.NotEqual(keys.TicketMacKey.ToArray(), others.TicketMacKey.ToArray());
    }

    private static byte[] Expected(string purpose, int length)
    {
        var pseudorandom = HMACSHA256.HashData("reprise epoch v1"u8.ToArray(), Filled(32, 1));
        byte[] info = [.. Encoding.ASCII.GetBytes(purpose), 0, .. Shop.Bytes, 1];
        return HMACSHA256.HashData(pseudorandom, info)[..length];
    }
}
