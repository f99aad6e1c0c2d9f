using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Reprise.Core.Keys;
using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Sessions;

/// <summary>Records are kept small, and come back byte for byte.</summary>
public sealed class RecordSizeTests : IDisposable
{
    private readonly ScopedKeyRing _ring = Ring(Shop, Epoch(10, 1));

    public void Dispose() => _ring.Dispose();

    [Fact]
    public void Seal_DerWithHandleAndScope_LeavesThemOut()
    {
        byte[] der = [.. Random(40), .. Handle, .. Random(90), .. Shop.Bytes, .. Random(30)];

        var value = Seal(der);

        Assert.InRange(value.Length, SealedSession.Overhead + der.Length - 64, SealedSession.Overhead + der.Length - 64 + 40);
        Assert.Equal(der, Open(value));
    }

    [Fact]
    public void Seal_DerThatIsHandleAndScopeInAnyPlace_ComesBack()
    {
        foreach (var der in (byte[][])[[.. Handle, .. Shop.Bytes], [.. Shop.Bytes, .. Handle], [.. Handle, .. Handle], [.. Handle], [.. Shop.Bytes, 1], [], [.. Handle.AsSpan(0, 31)]])
            Assert.Equal(der, Open(Seal(der)));
    }

    [Fact]
    public void Seal_HandleThatArisesByTheCut_ComesBack()
    {
        // With the handle cut out, its halves around it make another.
        byte[] der = [1, .. Handle.AsSpan(0, 16), .. Handle, .. Handle.AsSpan(16), 2];

        Assert.Equal(der, Open(Seal(der)));
    }

    [Fact]
    public void Seal_DerWithAClientChain_IsDeflated()
    {
        byte[] der = [.. Random(60), .. Handle, .. Random(60), .. Chain(), .. Shop.Bytes];

        var value = Seal(der);

        Assert.True(value.Length < der.Length * 0.8, $"{value.Length} of {der.Length}");
        Assert.Equal(der, Open(value));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(300, 100)]
    [InlineData(300, 3000)]
    [InlineData(20_000, 30_000)]
    [InlineData(60_000, 10_000)] // past what is deflated
    public void Seal_WithTheRestOfAClientsChain_BringsBothBack(int length, int rest)
    {
        byte[] der = [.. Random(length), .. Handle, .. Random(length / 2), .. Shop.Bytes];
        var value = SealedSession.Seal(_ring.SealingAt(Now)!, Handle, new SessionRecord(Sample.Metadata, der) { ClientRest = Random(rest, 2) }, Now);

        Assert.Equal(OpenResult.Opened, SealedSession.Open(_ring, Handle, value, Now, out var record));

        Assert.Equal(der, record!.Der);
        Assert.Equal(Random(rest, 2), record.ClientRest.ToArray());
    }

    [Fact]
    public void Seal_WithoutAClient_IsNotAByteLonger()
    {
        var bare = PackedRecord.Pack(Sample, Handle, Shop);

        Assert.Equal(bare, PackedRecord.Pack(Sample with { ClientRest = default }, Handle, Shop));
        Assert.Empty(PackedRecord.Unpack(bare, Handle, Shop, 10)!.ClientRest.ToArray());
    }

    // What the chain says stands in the client's own certificate too: deflated together they are less than each alone.
    [Fact]
    public void Seal_WithTheRestOfAClientsChain_IsDeflatedWithTheClientsOwn()
    {
        byte[] der = [.. Random(60), .. Handle, .. Random(60), .. Chain(), .. Shop.Bytes];
        var alone = Seal(der).Length;

        var value = SealedSession.Seal(_ring.SealingAt(Now)!, Handle, new SessionRecord(Sample.Metadata, der) { ClientRest = Chain() }, Now);

        Assert.True(value.Length < alone + Chain().Length * 0.7, $"{value.Length} and {alone}");
    }

    [Theory]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(20_000)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(300_000)]
    public void Seal_DerOfAnyLength_ComesBack(int length)
    {
        Assert.Equal(Random(length), Open(Seal(Random(length)))); // what does not deflate
        Assert.Equal(new byte[length], Open(Seal(new byte[length])));
    }

    [Fact]
    public void Seal_NoMoreThanAConnectionNeeds_FitsTheBlockThatRedisGivesIt()
    {
        // SSL_SESSION of TLS 1.3 with a SHA-384 secret, ALPN, and a host name of 40: 225 bytes.
        byte[] der = [.. Random(16), .. Handle, .. Random(68), .. Shop.Bytes, .. Random(77)];
        var record = new SessionRecord(new SessionMetadata(Now, "edge-frankfurt-3", 1_772_366_400_123, 0x0304), der);
        using var ring = Ring(Shop, PurgeNumbers.None.Purge("shop", Now), Epoch(1_772_366_400_123, 1));

        var value = SealedSession.Seal(ring.SealingAt(Now)!, Handle, record, Now);

        // 252 with Redis' own four bytes fill a block of 256; the next one is 320, and with key and entry 408.
        Assert.InRange(value.Length, 0, 252);
    }

    // What our own seal vouches for may still be of other software, or broken before it was sealed.
    [Theory]
    [InlineData(1u, 0u, 0u)]
    [InlineData(0u, 0u, 70_000u)]
    [InlineData(0u, 0u, 10u)]
    [InlineData(5u, 0u, 0u)]
    [InlineData(0u, uint.MaxValue, 0u)]
    [InlineData(uint.MaxValue, 1u, uint.MaxValue)]
    public void Unpack_WithPlacesOrLengthsThatCannotBe_IsRefusedAndNeverThrows(uint handleAt, uint scopeAt, uint inflatedLength)
    {
        byte[] metadata = [8, 1, 18, 0, 32, 0x84, 6];
        byte[] packed = [10, (byte)metadata.Length, .. metadata, 18, 3, 1, 2, 3, .. Field(24, handleAt), .. Field(32, scopeAt), .. Field(40, inflatedLength)];

        var record = PackedRecord.Unpack(packed, Handle, Shop, 10);

        Assert.True(record is null || handleAt == 1);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(uint.MaxValue)]
    public void Unpack_WithMoreOfAChainThanThereIs_IsRefused(uint length)
    {
        byte[] metadata = [8, 1, 18, 0, 32, 0x84, 6];

        Assert.NotNull(PackedRecord.Unpack([10, (byte)metadata.Length, .. metadata, 18, 3, 1, 2, 3, .. Field(48, 3)], Handle, Shop, 10));
        Assert.Null(PackedRecord.Unpack([10, (byte)metadata.Length, .. metadata, 18, 3, 1, 2, 3, .. Field(48, length)], Handle, Shop, 10));
    }

    [Fact]
    public void Unpack_DeflatedWithMoreOrLessThanItSays_IsRefused()
    {
        var good = PackedRecord.Pack(new SessionRecord(Sample.Metadata, new byte[1000]), Handle, Shop);
        Assert.NotNull(PackedRecord.Unpack(good, Handle, Shop, 10));
        Assert.Equal([0xe8, 0x07], good[^2..]); // inflated_length 1000

        Assert.Null(PackedRecord.Unpack([.. good[..^2], 0xe7, 0x07], Handle, Shop, 10));
        Assert.Null(PackedRecord.Unpack([.. good[..^2], 0xe9, 0x07], Handle, Shop, 10));
    }

    [Fact]
    public void Unpack_RandomBytes_NeverThrows()
    {
        for (var i = 0; i < 5_000; i++)
            PackedRecord.Unpack(Random(i % 90, i), Handle, Shop, 10);
    }

    private byte[] Seal(byte[] der) => SealedSession.Seal(_ring.SealingAt(Now)!, Handle, new SessionRecord(Sample.Metadata, der), Now);

    private byte[] Open(byte[] value)
    {
        Assert.Equal(OpenResult.Opened, SealedSession.Open(_ring, Handle, value, Now, out var record));
        Assert.Equal(Sample.Metadata, record!.Metadata);
        return record.Der;
    }

    // Names, policies and algorithms stand in each certificate again, as they do in real chains.
    private static byte[] Chain()
    {
        using var rootKey = RSA.Create(2048);
        using var leafKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest("CN=Example Client Certification Authority, O=Example Corporation, C=DE", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(Now, Now.AddYears(10));
        var leafRequest = new CertificateRequest("CN=client-1, OU=Clients, O=Example Corporation, C=DE", leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var leaf = leafRequest.Create(root, Now, Now.AddYears(1), [1, 2, 3, 4]);
        return [.. leaf.RawData, .. root.RawData, .. root.RawData];
    }

    private static byte[] Random(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Field(byte tag, uint value)
    {
        var bytes = new List<byte> { tag };
        for (; value >= 0x80; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
