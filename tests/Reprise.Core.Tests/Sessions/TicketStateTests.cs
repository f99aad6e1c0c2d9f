using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Sessions;

/// <summary>What a ticket carries beside OpenSSL's own state. It is sealed, but may be of other software, or broken before it was sealed.</summary>
public sealed class TicketStateTests
{
    private static readonly SessionMetadata Metadata = new(Now, "edge-1", 42, 0x0303);

    [Fact]
    public void ToBytes_WithoutAChain_IsTheMetadataAlone()
    {
        Assert.Equal(Metadata.ToBytes(), new TicketState(Metadata, default).ToBytes());
        Assert.True(TicketState.TryParse(Metadata.ToBytes(), out var parsed));
        Assert.Equal((Metadata, 0), (parsed.Metadata, parsed.ClientRest.Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3_000)]
    [InlineData(30_000)]
    public void TryParse_WhatToBytesMade_GivesTheChainBack(int length)
    {
        var rest = Filled(length, 3);

        Assert.True(TicketState.TryParse(new TicketState(Metadata, rest).ToBytes(), out var parsed));

        Assert.Equal(Metadata, parsed.Metadata);
        Assert.Equal(rest, parsed.ClientRest.ToArray());
    }

    [Theory]
    [InlineData(0xe7)]
    [InlineData(0xe9)]
    public void TryParse_ChainOfAnotherLength_IsFalse(byte length)
    {
        var made = new TicketState(Metadata, new byte[1000]).ToBytes();
        Assert.Equal([0xe8, 0x07], made[^2..]); // client_rest_length 1000

        Assert.False(TicketState.TryParse([.. made[..^2], length, 0x07], out _));
        Assert.False(TicketState.TryParse([.. made[..^2], 0xff, 0xff, 0xff, 0x7f], out _)); // no memory is taken for what it says
    }

    [Fact]
    public void TryParse_AnyBytes_NeverThrows()
    {
        var random = new Random(20260302);
        var made = new TicketState(Metadata, Filled(500, 5)).ToBytes();
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = i % 2 == 0 ? (byte[])made.Clone() : new byte[random.Next(0, 60)];
            if (i % 2 == 0)
                bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            else
                random.NextBytes(bytes);
            _ = TicketState.TryParse(bytes, out _);
        }
    }
}
