using System.Security.Cryptography;
using Reprise.KeyService.Store;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Store;

public sealed class SealedValueTests : IDisposable
{
    private static readonly byte[] Plain = [.. "what nobody else may read"u8];

    private readonly TemporaryDirectory _files = new();
    private readonly List<KeyEncryptionKey> _keys = [];

    public void Dispose()
    {
        _keys.ForEach(key => key.Dispose());
        _files.Dispose();
    }

    [Fact]
    public void Open_SealedUnderOneOfTheKeys_GivesItBackAndTellsUnderWhich()
    {
        var (mine, older) = (NewKey(), NewKey());

        Assert.Equal(Unsealed.Opened, SealedValue.Open([mine, older], "name", SealedValue.Seal(older, "name", Plain), out var plain, out var key));

        Assert.Equal(Plain, plain);
        Assert.Same(older, key);
    }

    [Fact]
    public void Seal_Twice_IsNeverTheSame()
    {
        var key = NewKey();

        Assert.NotEqual(SealedValue.Seal(key, "name", Plain), SealedValue.Seal(key, "name", Plain));
    }

    [Fact]
    public void Open_UnderAnotherName_IsRefused()
    {
        var key = NewKey();

        Assert.Equal(Unsealed.Tampered, Open(key, "other name", SealedValue.Seal(key, "name", Plain)));
    }

    [Fact]
    public void Open_UnderAnotherKey_SaysSo() =>
        Assert.Equal(Unsealed.UnknownKey, Open(NewKey(), "name", SealedValue.Seal(NewKey(), "name", Plain)));

    [Fact]
    public void Open_ALaterFormat_SaysSo()
    {
        var key = NewKey();
        var value = SealedValue.Seal(key, "name", Plain);
        value[0]++;

        Assert.Equal(Unsealed.UnknownFormat, Open(key, "name", value));
        Assert.Equal(Unsealed.UnknownFormat, Open(key, "name", [2]));
    }

    [Fact]
    public void Open_AnyBitFlipped_IsRefusedWithItsReason()
    {
        var key = NewKey();
        var value = SealedValue.Seal(key, "name", Plain);
        for (var bit = 0; bit < value.Length * 8; bit++)
        {
            value[bit / 8] ^= (byte)(1 << bit % 8);
            var expected = bit < 8 ? Unsealed.UnknownFormat : bit < 8 + 64 ? Unsealed.UnknownKey : Unsealed.Tampered;
            Assert.Equal(expected, Open(key, "name", value));
            value[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Equal(Unsealed.Opened, Open(key, "name", value));
    }

    [Fact]
    public void Open_AnyLength_IsRefusedWithItsReason()
    {
        var key = NewKey();
        var value = SealedValue.Seal(key, "name", Plain);
        for (var length = 0; length < value.Length; length++)
            Assert.Equal(length < 1 + 8 + 12 + 16 ? Unsealed.Truncated : Unsealed.Tampered, Open(key, "name", value.AsSpan(0, length)));
        Assert.Equal(Unsealed.Tampered, Open(key, "name", [.. value, 0]));
    }

    [Fact]
    public void Seal_Always_ShowsNeitherKeyNorContents()
    {
        var file = _files.Write("kek", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        Assert.True(KeyEncryptionKey.TryRead(file, out var key, out _));
        _keys.Add(key);
        var value = SealedValue.Seal(key, "name", Plain);

        Assert.Equal(-1, value.AsSpan().IndexOf(Plain.AsSpan(0, 8)));
        Assert.Equal(-1, value.AsSpan().IndexOf(Convert.FromBase64String(File.ReadAllText(file)).AsSpan(0, 4)));
        Assert.Equal(-1, value.AsSpan().IndexOf(key.Sealing[..4]));
        Assert.DoesNotContain(Convert.ToHexString(key.Sealing[..4]), key.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static Unsealed Open(KeyEncryptionKey key, string name, ReadOnlySpan<byte> value)
    {
        var end = SealedValue.Open([key], name, value, out var plain, out _);
        Assert.Equal(end is Unsealed.Opened, plain is not null);
        return end;
    }

    private KeyEncryptionKey NewKey()
    {
        Assert.True(KeyEncryptionKey.TryRead(_files.Write("key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))), out var key, out _));
        _keys.Add(key);
        return key;
    }
}
