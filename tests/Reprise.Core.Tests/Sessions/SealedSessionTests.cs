using System.Buffers.Binary;
using System.Security.Cryptography;
using Reprise.Core.Keys;
using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Sessions;

/// <summary>Whatever the store gives back, opening it is a result and never an exception.</summary>
public sealed class SealedSessionTests : IDisposable
{
    private const int ScopeTagOffset = 9;
    private const int PurgeOffset = 13;
    private const int NonceOffset = 25;
    private const int HeaderLength = 37;
    private const long Purge = 1_772_000_000_000;

    private static readonly PurgeNumbers Purged = PurgeNumbers.None.Raise("shop", Purge);

    private readonly ScopedKeyRing _ring = Ring(Shop, Purged, Epoch(10, 1));
    private readonly byte[] _value;

    public SealedSessionTests() => _value = SealedSession.Seal(_ring.SealingAt(Now)!, Handle, Sample, Now);

    public void Dispose() => _ring.Dispose();

    [Fact]
    public void Open_WhatWasSealed_GivesTheRecordBack()
    {
        Assert.Equal(OpenResult.Opened, Open(_value, out var record));
        Assert.Equal(Sample.Metadata, record!.Metadata);
        Assert.Equal(Sample.Der, record.Der);
    }

    // Another thread may destroy keys that this one has read: then nothing is sealed under zeros, nor opened.
    [Fact]
    public void Keys_DestroyedMeanwhile_NeitherSealNorOpen()
    {
        var keys = _ring.SealingAt(Now)!;

        keys.Dispose();

        Assert.Throws<ObjectDisposedException>(() => SealedSession.Seal(keys, Handle, Sample, Now));
        Assert.Equal(OpenResult.UnknownEpoch, Open(_value, out _));
    }

    [Fact]
    public void Open_OnAnotherNodeWithTheSameEpoch_GivesTheRecordBack()
    {
        using var other = Ring(Shop, Purged, Epoch(11, 2), Epoch(10, 1));

        Assert.Equal(OpenResult.Opened, SealedSession.Open(other, Handle, _value, Now, out _));
    }

    [Fact]
    public void Seal_Twice_SharesNeitherNonceNorCiphertext()
    {
        var again = SealedSession.Seal(_ring.SealingAt(Now)!, Handle, Sample, Now);

        Assert.NotEqual(_value[NonceOffset..HeaderLength], again[NonceOffset..HeaderLength]);
        Assert.NotEqual(_value[HeaderLength..], again[HeaderLength..]);
    }

    [Fact]
    public void Seal_Value_ShowsNeitherHandleNorSession()
    {
        Assert.Equal(-1, _value.AsSpan().IndexOf(Handle.AsSpan(0, 8)));
        Assert.Equal(-1, _value.AsSpan().IndexOf(Sample.Der.AsSpan(0, 8)));
        Assert.Equal(-1, _value.AsSpan().IndexOf("edge-2"u8));
    }

    // The format of DESIGN §4, opened by other code than that which sealed it.
    [Fact]
    public void Seal_Value_IsHeaderNonceAndGcmUnderAKeyOfEpochScopePurgeAndHandle()
    {
        var plaintext = Plaintext(_value);

        Assert.Equal(1, _value[0]);
        Assert.Equal(10, BinaryPrimitives.ReadInt64BigEndian(_value.AsSpan(1)));
        Assert.Equal(Shop.Bytes[..4], _value.AsSpan(ScopeTagOffset, 4));
        Assert.Equal(Purge, BinaryPrimitives.ReadInt64BigEndian(_value.AsSpan(PurgeOffset)));
        Assert.Equal(Now.ToUnixTimeSeconds(), BinaryPrimitives.ReadUInt32BigEndian(_value.AsSpan(21)));
        Assert.NotEqual(-1, plaintext.AsSpan().IndexOf(Sample.Der));
        Assert.Equal(SealedSession.Overhead + plaintext.Length, _value.Length);
    }

    [Fact]
    public void Header_OfAValue_TellsWhatItWasSealedUnder()
    {
        Assert.True(SealedSessionHeader.TryRead(_value.AsSpan(0, SealedSessionHeader.Length), out var header));
        Assert.Equal(new SealedSessionHeader(10, Shop.Tag, Purge, Now), header);
        Assert.False(SealedSessionHeader.TryRead(_value.AsSpan(0, SealedSessionHeader.Length - 1), out _));
        Assert.False(SealedSessionHeader.TryRead([2, .. _value[1..]], out _));
        Assert.False(SealedSessionHeader.TryRead([], out _));
    }

    [Fact]
    public void Open_AnyBitFlipped_NeverOpens()
    {
        for (var bit = 0; bit < _value.Length * 8; bit++)
        {
            var changed = (byte[])_value.Clone();
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            var expected = bit switch
            {
                0 => OpenResult.Malformed, // version 0 was never written
                < 8 => OpenResult.NewerFormat,
                < ScopeTagOffset * 8 => OpenResult.UnknownEpoch,
                < PurgeOffset * 8 => OpenResult.Foreign,
                < (PurgeOffset + 8) * 8 => IsSet(Purge, bit - PurgeOffset * 8) || IsSign(bit - PurgeOffset * 8) ? OpenResult.Purged : OpenResult.AheadOfPurge,
                _ => OpenResult.Foreign,
            };

            Assert.True(Open(changed, out var record) == expected, $"bit {bit}");
            Assert.Null(record);
        }
    }

    [Fact]
    public void Open_TruncatedAnywhere_NeverOpens()
    {
        for (var length = 0; length < _value.Length; length++)
        {
            var result = Open(_value.AsSpan(0, length), out var record);

            Assert.Equal(length < SealedSession.Overhead ? OpenResult.Malformed : OpenResult.Foreign, result);
            Assert.Null(record);
        }
    }

    [Fact]
    public void Open_WithBytesAfterIt_IsForeign() => Assert.Equal(OpenResult.Foreign, Open([.. _value, 0], out _));

    [Fact]
    public void Open_UnderAnotherHandle_IsForeign()
    {
        Assert.Equal(OpenResult.Foreign, SealedSession.Open(_ring, Filled(32, 8), _value, Now, out _));
        Assert.Equal(OpenResult.Foreign, SealedSession.Open(_ring, Handle.AsSpan(0, 31), _value, Now, out _));
        Assert.Equal(OpenResult.Foreign, SealedSession.Open(_ring, [], _value, Now, out _));
    }

    [Fact]
    public void Open_InAnotherScope_IsForeign()
    {
        using var other = Ring(Bank, Purged, Epoch(10, 1));

        Assert.Equal(OpenResult.Foreign, SealedSession.Open(other, Handle, _value, Now, out _));
    }

    [Fact]
    public void Open_RelabelledWithAnotherEpochOfTheRing_IsForeign()
    {
        using var both = Ring(Shop, Purged, Epoch(11, 2), Epoch(10, 1));
        var moved = (byte[])_value.Clone();
        BinaryPrimitives.WriteInt64BigEndian(moved.AsSpan(1), 11);

        Assert.Equal(OpenResult.Foreign, SealedSession.Open(both, Handle, moved, Now, out _));
    }

    [Fact]
    public void Open_AfterAPurge_IsPurged()
    {
        using var ofShop = Ring(Shop, Purged.Purge("shop", Now), Epoch(10, 1));
        using var ofAll = Ring(Shop, Purged.Purge(PurgeNumbers.AllProfiles, Now), Epoch(10, 1));
        using var ofBank = Ring(Shop, Purged.Purge("bank", Now), Epoch(10, 1));

        Assert.Equal(OpenResult.Purged, SealedSession.Open(ofShop, Handle, _value, Now, out var record));
        Assert.Null(record);
        Assert.Equal(OpenResult.Purged, SealedSession.Open(ofAll, Handle, _value, Now, out _));
        Assert.Equal(OpenResult.Opened, SealedSession.Open(ofBank, Handle, _value, Now, out _));
    }

    // Who writes to the store may write any header, but the number is in the key.
    [Fact]
    public void Open_RelabelledAsSealedAfterThePurge_IsForeign()
    {
        using var after = Ring(Shop, Purged.Purge("shop", Now), Epoch(10, 1));
        var moved = (byte[])_value.Clone();
        BinaryPrimitives.WriteInt64BigEndian(moved.AsSpan(PurgeOffset), after.Purge);

        Assert.Equal(OpenResult.Foreign, SealedSession.Open(after, Handle, moved, Now, out _));
    }

    [Fact]
    public void Open_OnANodeThatWasNotToldOfThePurgeYet_IsAhead()
    {
        using var behind = Ring(Shop, Epoch(10, 1));

        Assert.Equal(OpenResult.AheadOfPurge, SealedSession.Open(behind, Handle, _value, Now, out _));
    }

    [Fact]
    public void Open_RelabelledWithTheTagOfAnotherScope_IsForeignThereToo()
    {
        using var other = Ring(Bank, Purged, Epoch(10, 1));
        var moved = (byte[])_value.Clone();
        BinaryPrimitives.WriteUInt32BigEndian(moved.AsSpan(ScopeTagOffset), Bank.Tag);

        Assert.Equal(OpenResult.Foreign, SealedSession.Open(other, Handle, moved, Now, out _));
    }

    [Fact]
    public void Open_SameNumberButAnotherSecret_IsForeign()
    {
        using var other = Ring(Shop, Purged, Epoch(10, 3));

        Assert.Equal(OpenResult.Foreign, SealedSession.Open(other, Handle, _value, Now, out _));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(255)]
    public void Open_NewerFormat_IsToldFromABrokenOne(byte version)
    {
        var newer = (byte[])_value.Clone();
        newer[0] = version;

        Assert.Equal(OpenResult.NewerFormat, Open(newer, out _));
        Assert.Equal(OpenResult.NewerFormat, Open([version], out _)); // and it need not be of our length
    }

    [Fact]
    public void Open_AtTheEndOfTheDecryptLife_IsRetired()
    {
        Assert.Equal(OpenResult.Opened, SealedSession.Open(_ring, Handle, _value, Now.AddHours(2).AddTicks(-1), out _));
        Assert.Equal(OpenResult.Retired, SealedSession.Open(_ring, Handle, _value, Now.AddHours(2), out var record));
        Assert.Null(record);
    }

    [Fact]
    public void Open_EpochThatIsNotThere_IsUnknown()
    {
        using var later = Ring(Shop, Purged, Epoch(11, 2));
        using var destroyed = Ring(Shop, Purged, Epoch(10, 1, EpochState.Destroyed) with { Secret = null });

        Assert.Equal(OpenResult.UnknownEpoch, SealedSession.Open(later, Handle, _value, Now, out _));
        Assert.Equal(OpenResult.UnknownEpoch, SealedSession.Open(destroyed, Handle, _value, Now, out _));
        Assert.Equal(OpenResult.Retired, SealedSession.Open(destroyed, Handle, _value, Now.AddHours(2), out _)); // its time was over anyway
    }

    [Fact]
    public void Open_RandomBytes_NeverOpens()
    {
        var random = new Random(20260301);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(0, 120)];
            random.NextBytes(bytes);
            if (bytes.Length > NonceOffset && i % 2 == 0)
                _value.AsSpan(0, NonceOffset).CopyTo(bytes); // so that it gets past the header

            Assert.NotEqual(OpenResult.Opened, Open(bytes, out _));
        }
    }

    [Fact]
    public void Record_ToString_ShowsNoSecret() => Assert.Equal("session of edge-2, epoch 10", Sample.ToString());

    private static bool IsSign(int bit) => bit == 7;

    private static bool IsSet(long number, int bit) => (BinaryPrimitives.ReverseEndianness(number) >> bit & 1) == 1;

    private static byte[] Plaintext(byte[] value)
    {
        var pseudorandom = HKDF.Extract(HashAlgorithmName.SHA256, Filled(32, 1), "reprise epoch v1"u8.ToArray());
        var scopeKey = HKDF.Expand(HashAlgorithmName.SHA256, pseudorandom, 32, [.. "session"u8, 0, .. Shop.Bytes, .. value[PurgeOffset..(PurgeOffset + 8)]]);
        var sessionKey = HKDF.Expand(HashAlgorithmName.SHA256, scopeKey, 32, [.. "reprise session v1"u8, .. SHA256.HashData(Handle)]);
        var plaintext = new byte[value.Length - HeaderLength - 16];
        using var gcm = new AesGcm(sessionKey, 16);
        gcm.Decrypt(value.AsSpan(NonceOffset, 12), value.AsSpan(HeaderLength, plaintext.Length), value.AsSpan(^16..), plaintext, [.. value[..NonceOffset], .. Shop.Bytes]);
        return plaintext;
    }

    private OpenResult Open(ReadOnlySpan<byte> value, out SessionRecord? record) => SealedSession.Open(_ring, Handle, value, Now, out record);
}
