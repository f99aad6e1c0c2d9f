using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Sessions;

public sealed class SessionMetadataTests
{
    private static readonly SessionMetadata Metadata = new(Now, "edge-1", 42, 0x0303);

    [Fact]
    public void TryParse_WhatToBytesMade_GivesItBackInWholeSeconds()
    {
        Assert.True(SessionMetadata.TryParse((Metadata with { OriginalHandshake = Now.AddMilliseconds(999) }).ToBytes(), out var parsed));
        Assert.Equal(Metadata, parsed);
    }

    [Fact]
    public void TryParse_Nothing_IsFalse() => Assert.False(SessionMetadata.TryParse([], out _));

    [Fact]
    public void TryParse_OtherVersionOfTls_IsFalse()
    {
        foreach (ushort version in new ushort[] { 0, 0x0302, 0x0305, 0xfefd })
            Assert.False(SessionMetadata.TryParse((Metadata with { TlsVersion = version }).ToBytes(), out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(253_402_300_800)] // the year 10000: no DateTimeOffset
    [InlineData(long.MaxValue)]
    public void TryParse_TimeThatIsNone_IsFalse(long seconds)
    {
        using var buffer = new MemoryStream();
        using (var output = new Google.Protobuf.CodedOutputStream(buffer, leaveOpen: true))
        {
            output.WriteTag(1, Google.Protobuf.WireFormat.WireType.Varint);
            output.WriteInt64(seconds);
            output.WriteTag(4, Google.Protobuf.WireFormat.WireType.Varint);
            output.WriteUInt32(0x0303);
        }

        Assert.False(SessionMetadata.TryParse(buffer.ToArray(), out _));
    }

    [Fact]
    public void TryParse_AnyBytes_NeverThrows()
    {
        var random = new Random(20260301);
        var made = Metadata.ToBytes();
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = i % 2 == 0 ? (byte[])made.Clone() : new byte[random.Next(0, 40)];
            if (i % 2 == 0)
                bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            else
                random.NextBytes(bytes);
            _ = SessionMetadata.TryParse(bytes, out _);
        }

        for (var length = 0; length < made.Length; length++)
            Assert.False(SessionMetadata.TryParse(made.AsSpan(0, length), out _)); // the version comes last
    }

    [Fact]
    public void AgeAt_BeforeTheHandshakeByAnotherNodesClock_IsZero()
    {
        Assert.Equal(TimeSpan.FromHours(1), Metadata.AgeAt(Now.AddHours(1)));
        Assert.Equal(TimeSpan.Zero, Metadata.AgeAt(Now.AddSeconds(-3)));
    }
}
