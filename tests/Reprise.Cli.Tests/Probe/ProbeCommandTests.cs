using System.Globalization;
using System.Text.Json;

namespace Reprise.Cli.Tests.Probe;

/// <summary>What probe concludes from what a client sees and a node says.</summary>
public sealed class ProbeCommandTests
{
    [Fact]
    public async Task Probe_OfANodeThatDeniesAResumption_ExitsWith1()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" });

        var run = await ProbeAsync(server, "--json");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        using var told = JsonDocument.Parse(run.Out);
        Assert.Equal(6, told.RootElement.GetProperty("total").GetInt32());
        Assert.Equal(0, told.RootElement.GetProperty("resumed").GetInt32());
        Assert.All(told.RootElement.GetProperty("pairs").EnumerateArray(), pair =>
            Assert.Contains("the client saw a resumed handshake", pair.GetProperty("reason").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Probe_OfANodeWithoutSessions_ExitsWith1AndSaysSo()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" }, "-no_ticket", "-no_cache");

        var run = await ProbeAsync(server, "--tls", "1.2", "--mode", "stateless");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("0 of 2 pairs resumed", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_OfANodeWithoutTheEndpoint_ExitsWith2()
    {
        await using var server = await OpenSslServer.StartAsync("not a report");

        var run = await ProbeAsync(server);

        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Probe_OfBouncyCastleWithTls13_SaysThatItCannot()
    {
        await using var server = await OpenSslServer.StartAsync("never asked");
        (await ProbeAsync(server, "--tls", "1.3", "--client", "bouncycastle")).AssertFailed(ExitCode.CouldNotRun, "does not resume TLS 1.3");
    }

    private static Task<CommandRun> ProbeAsync(OpenSslServer server, params string[] arguments) => CommandRun.OfAsync(
        ["probe", "--nodes", $"127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}", "--ca", server.Authority, .. arguments]);
}
