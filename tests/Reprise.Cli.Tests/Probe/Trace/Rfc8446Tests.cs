using static Reprise.Cli.Tests.Probe.Trace.Rfc5077Tests;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>The two connections of RFC 8446 section 2.2 (figure 3), with the ChangeCipherSpecs of its appendix D.4.</summary>
[Collection("up")]
public sealed class Rfc8446Tests(TracedCluster traced) : IClassFixture<TracedCluster>
{
    private static readonly string[] Full =
    [
        "--> ClientHello", "<-- ServerHello", "<-- ChangeCipherSpec", "<-- EncryptedExtensions", "<-- Certificate", "<-- CertificateVerify",
        "<-- Finished", "--> ChangeCipherSpec", "--> Finished", "<-- NewSessionTicket", "<-- NewSessionTicket", "--> Alert",
    ];

    private static readonly string[] Resumed =
    [
        "--> ClientHello", "<-- ServerHello", "<-- ChangeCipherSpec", "<-- EncryptedExtensions", "<-- Finished", "--> ChangeCipherSpec",
        "--> Finished", "<-- NewSessionTicket", "--> Alert",
    ];

    [Theory]
    [InlineData("stateful", "handle")]
    [InlineData("stateless", "ticket")]
    public async Task Trace_OfBothConnections_IsFigure3(string mode, string kind)
    {
        var (trace, wire) = await traced.TraceAsync("1.3", mode);

        Assert.Equal(Full, Arrows(wire[0]));
        Assert.Equal(("", "x25519", "psk_dhe_ke"), (wire[0][0]["psk"], wire[0][0]["share"], wire[0][0]["modes"]));
        Assert.Equal(("none", "x25519"), (wire[0][1]["selected"], wire[0][1]["share"]));
        Assert.Equal(kind == "handle", wire[0][9]["ticket"] == "32:none");

        Assert.Equal(Resumed, Arrows(wire[1]));
        // One of the tickets of before; the PSK with a key share, so for forward secrecy.
        Assert.Contains(wire[1][0]["psk"], wire[0].Where(message => message.Type == "NewSessionTicket").Select(message => message["ticket"]));
        Assert.NotEqual("0", wire[1][0]["binders"]);
        Assert.Equal(("0", "x25519"), (wire[1][1]["selected"], wire[1][1]["share"]));
        Assert.Contains($"selected PSK 0: the {kind} was accepted", Meaning(trace, 1, "ServerHello"), StringComparison.Ordinal);
        Assert.Equal("resumed", trace.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Trace_OfAHandleThatWasPurgedBetween_IsFull()
    {
        var (trace, wire) = await traced.TraceAsync("1.3", "stateful", between: "sessions purge --profile stateful --yes");
        AssertFullInSpiteOfAnOffer(trace, wire[1], "store_miss");
    }

    [Fact]
    public async Task Trace_OfATicketWhoseKeyWasRevokedBetween_IsFull()
    {
        var (trace, wire) = await traced.TraceAsync("1.3", "stateless", between: $"keys revoke {await traced.ActiveEpochAsync()} --yes");
        AssertFullInSpiteOfAnOffer(trace, wire[1], "unknown_key");
    }

    private static void AssertFullInSpiteOfAnOffer(System.Text.Json.JsonElement trace, IReadOnlyList<WireMessage> second, string reason)
    {
        Assert.Equal(Full, Arrows(second));
        Assert.NotEqual("", second[0]["psk"]);
        Assert.Equal("none", second[1]["selected"]);
        AssertDeclined(trace, reason);
    }
}
