using System.Globalization;
using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>What <c>--trace</c> says of servers that are no nodes of a cluster.</summary>
public sealed class TraceCommandTests
{
    [Theory]
    [InlineData("--pcap")]
    [InlineData("--between")]
    public async Task Probe_WithoutTrace_TakesNoOptionOfIt(string option) =>
        (await CommandRun.OfAsync("probe", option, "x")).AssertFailed(ExitCode.CouldNotRun, $"{option} goes with --trace");

    [Theory]
    [InlineData("--repeat")]
    [InlineData("--watch")]
    public async Task Probe_WithTrace_TakesNoOptionOfTheMatrix(string option) =>
        (await CommandRun.OfAsync("probe", "--trace", option, "5")).AssertFailed(ExitCode.CouldNotRun, $"{option} does not go with --trace");

    [Fact]
    public async Task Trace_OfBouncyCastle_SaysThatItCannot()
    {
        await using var server = await OpenSslServer.StartAsync("never asked");
        (await TraceAsync(server, "--client", "bouncycastle")).AssertFailed(ExitCode.CouldNotRun, "--trace follows OpenSSL");
    }

    [Fact]
    public async Task Trace_OfAServerWithoutSessions_SaysThatThereIsNoneToOffer()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" }, "-no_ticket", "-no_cache");

        var run = await TraceAsync(server, "--tls", "1.2", "--mode", "stateless");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("gave no session to resume", run.Out, StringComparison.Ordinal);
        Assert.Contains("No ticket will follow either: this session cannot be resumed.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_OfAServerThatIsNoNode_TellsWhatTheWireShows()
    {
        await using var server = await OpenSslServer.StartAsync("not a report");

        var run = await TraceAsync(server);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(4, run.Out.Split(" resumed the session of ").Length - 1);
        Assert.DoesNotContain(" says: ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_OfAServerThatRefusesTheVersion_ShowsItsAlert()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" }, "-tls1_3");

        var run = await TraceAsync(server, "--tls", "1.2", "--mode", "stateless", "--json");

        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        using var told = JsonDocument.Parse(run.Out);
        var connection = Assert.Single(told.RootElement.GetProperty("traces")[0].GetProperty("connections").EnumerateArray());
        Assert.Equal(["ClientHello", "Alert"], connection.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("type").GetString()));
        Assert.Equal("protocol_version", connection.GetProperty("messages")[1].GetProperty("alert").GetString());
    }

    [Fact]
    public async Task Trace_OfAServerThatAsksForAnotherKeyShare_TellsTheRetry()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" }, "-groups", "P-384");
        using var directory = new TemporaryDirectory();
        var file = directory.File("retry.pcapng");

        var run = await TraceAsync(server, "--tls", "1.3", "--mode", "stateless", "--json", "--pcap", file);

        using var told = JsonDocument.Parse(run.Out);
        var first = told.RootElement.GetProperty("traces")[0].GetProperty("connections")[0];
        var types = first.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("type").GetString()).ToList();
        Assert.Equal(["ClientHello", "HelloRetryRequest"], types[..2]);
        Assert.Equal(2, types.Count(type => type == "ClientHello"));
        Assert.Equal(2, first.GetProperty("handshake").GetProperty("roundTrips").GetInt32());
        var wire = await Tshark.DecodeAsync(file, [$"127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}"]);
        Assert.Equal(types, wire[0].Select((message, index) => index == 1 && message.Type == "ServerHello" ? "HelloRetryRequest" : message.Type));
    }

    private static Task<CommandRun> TraceAsync(OpenSslServer server, params string[] arguments) => CommandRun.OfAsync(
        ["probe", "--trace", "--nodes", $"127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}", "--ca", server.Authority, .. arguments]);
}
