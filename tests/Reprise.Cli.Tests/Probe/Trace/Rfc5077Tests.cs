namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>The four message flows of RFC 5077 section 3.1, as the trace tells them and as tshark reads them in the capture.</summary>
[Collection("up")]
public sealed class Rfc5077Tests(TracedCluster traced) : IClassFixture<TracedCluster>
{
    private static readonly string[] FullWithTicket =
    [
        "--> ClientHello", "<-- ServerHello", "<-- Certificate", "<-- ServerKeyExchange", "<-- ServerHelloDone", "--> ClientKeyExchange",
        "--> ChangeCipherSpec", "--> Finished", "<-- NewSessionTicket", "<-- ChangeCipherSpec", "<-- Finished", "--> Alert",
    ];

    [Fact]
    public async Task Trace_OfAFullHandshake_IsFigure1AndTheResumedOneHasNoNewTicket()
    {
        var (trace, wire) = await traced.TraceAsync("1.2", "stateless");

        Assert.Equal(FullWithTicket, Arrows(wire[0]));
        Assert.Equal(("0", ""), (wire[0][0]["ticket"], wire[0][0]["sid"]));
        Assert.Equal(("empty", "True"), (wire[0][1]["sidIs"], wire[0][1]["ticket"]));
        Assert.InRange(int.Parse(wire[0][8]["lifetime"]!, null), 1, 604800);

        // Section 3.4: the session ID beside the ticket is what says that it was accepted.
        Assert.Equal(
            ["--> ClientHello", "<-- ServerHello", "<-- ChangeCipherSpec", "<-- Finished", "--> ChangeCipherSpec", "--> Finished", "--> Alert"], Arrows(wire[1]));
        Assert.Equal(wire[0][8]["ticket"], $"{wire[1][0]["ticket"]}:{wire[1][0]["ticketKey"]}");
        Assert.Equal(("echoed", "False"), (wire[1][1]["sidIs"], wire[1][1]["ticket"]));
        Assert.Contains("the ticket was accepted", Meaning(trace, 1, "ServerHello"), StringComparison.Ordinal);
        Assert.StartsWith("edge-2 resumed the session of edge-1. Saved: ", trace.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Contains("1 of 2 round trips", trace.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_WithARotationBetween_IsFigure2()
    {
        var (trace, wire) = await traced.TraceAsync("1.2", "stateless", between: "keys rotate --wait");

        Assert.Equal(
            [
                "--> ClientHello", "<-- ServerHello", "<-- NewSessionTicket", "<-- ChangeCipherSpec", "<-- Finished",
                "--> ChangeCipherSpec", "--> Finished", "--> Alert",
            ],
            Arrows(wire[1]));
        Assert.Equal(("echoed", "True"), (wire[1][1]["sidIs"], wire[1][1]["ticket"]));
        // The same session under the new key.
        Assert.NotEqual(wire[0][8]["ticket"], wire[1][2]["ticket"]);
        Assert.Contains("in place of the one that was offered", Meaning(trace, 1, "NewSessionTicket"), StringComparison.Ordinal);
        Assert.Equal("resumed", trace.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Trace_WithTicketsSwitchedOffBetween_IsFigure3()
    {
        try
        {
            var (trace, wire) = await traced.TraceAsync("1.2", "stateless", between: "profiles set stateless --stateless off");

            Assert.Equal(FullWithTicket.Where(message => message != "<-- NewSessionTicket"), Arrows(wire[1]));
            Assert.NotEqual("0", wire[1][0]["ticket"]);
            Assert.Equal(("empty", "False"), (wire[1][1]["sidIs"], wire[1][1]["ticket"]));
            AssertDeclined(trace, "policy");
        }
        finally
        {
            Assert.Equal(ExitCode.Done, (await traced.Cluster.RunAsync("profiles", "set", "stateless", "--stateless", "on")).ExitCode);
        }
    }

    [Fact]
    public async Task Trace_WithTheKeyRevokedBetween_IsFigure4()
    {
        var (trace, wire) = await traced.TraceAsync("1.2", "stateless", between: $"keys revoke {await traced.ActiveEpochAsync()} --yes");

        Assert.Equal(FullWithTicket, Arrows(wire[1]));
        Assert.NotEqual("0", wire[1][0]["ticket"]);
        Assert.Equal(("empty", "True"), (wire[1][1]["sidIs"], wire[1][1]["ticket"]));
        Assert.NotEqual(wire[0][8]["ticket"], wire[1][8]["ticket"]);
        AssertDeclined(trace, "unknown_key");
    }

    [Fact]
    public async Task Trace_OfASessionId_IsTheFlowOfRfc5246WithoutTickets()
    {
        var (trace, wire) = await traced.TraceAsync("1.2", "stateful");

        Assert.Equal(FullWithTicket.Where(message => message != "<-- NewSessionTicket"), Arrows(wire[0]));
        Assert.Equal(("none", ""), (wire[0][0]["ticket"], wire[0][0]["sid"]));
        Assert.Equal("new", wire[0][1]["sidIs"]);
        Assert.Equal(
            ["--> ClientHello", "<-- ServerHello", "<-- ChangeCipherSpec", "<-- Finished", "--> ChangeCipherSpec", "--> Finished", "--> Alert"], Arrows(wire[1]));
        Assert.Equal(wire[0][1]["sid"], wire[1][0]["sid"]);
        Assert.Equal("echoed", wire[1][1]["sidIs"]);
        Assert.Contains("it found the session", Meaning(trace, 1, "ServerHello"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_OfASessionIdThatWasPurgedBetween_IsFullUnderANewId()
    {
        var (trace, wire) = await traced.TraceAsync("1.2", "stateful", between: "sessions purge --profile stateful --yes");

        Assert.Equal(Arrows(wire[0]), Arrows(wire[1]));
        Assert.Equal("new", wire[1][1]["sidIs"]);
        AssertDeclined(trace, "store_miss");
    }

    internal static IEnumerable<string> Arrows(IEnumerable<WireMessage> messages) => messages.Select(message => message.Arrow);

    internal static void AssertDeclined(System.Text.Json.JsonElement trace, string reason)
    {
        Assert.Equal("notResumed", trace.GetProperty("outcome").GetString());
        Assert.Contains($"declined the session of edge-1: {reason}, ", trace.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Contains("the offer was declined", Meaning(trace, 1, "ServerHello"), StringComparison.Ordinal);
    }

    internal static string Meaning(System.Text.Json.JsonElement trace, int connection, string type) =>
        trace.GetProperty("connections")[connection].GetProperty("messages").EnumerateArray().First(message => message.GetProperty("type").GetString() == type)
            .GetProperty("meaning").GetString()!;
}
