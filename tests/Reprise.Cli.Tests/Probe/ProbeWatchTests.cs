using System.Globalization;
using System.Text.Json;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Tests.Probe;

/// <summary>Rounds until it is stopped, and what it answers then.</summary>
public sealed class ProbeWatchTests
{
    [Fact]
    public async Task Watch_StoppedAfterSomeRounds_ToldEachAndExitsAsTheLastOne()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" }, "-no_ticket", "-no_cache");
        using var stop = new CancellationTokenSource();
        using var output = new RoundsWriter(3, stop);

        var code = await WatchAsync(server, output, stop.Token, "--json");

        Assert.Equal(ExitCode.Failed, code);
        var rounds = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        Assert.Equal([1, 2, 3], rounds.Select(round => round.GetProperty("round").GetInt32()));
        Assert.All(rounds, round => Assert.Equal(0, round.GetProperty("result").GetProperty("resumed").GetInt32()));
    }

    [Fact]
    public async Task Watch_ForPeople_IsALinePerRoundWithTheReasons()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" }, "-no_ticket", "-no_cache");
        using var stop = new CancellationTokenSource();
        using var output = new RoundsWriter(4, stop);

        Assert.Equal(ExitCode.Failed, await WatchAsync(server, output, stop.Token));

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Count(line => line.Contains("0 of 1 pairs resumed", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count(line => line.Contains("gave no session to resume", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Watch_StoppedBeforeTheFirstRoundIsOver_IsInterrupted()
    {
        await using var server = await OpenSslServer.StartAsync(new { node = "x", resumed = false, mode = "full" });
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Interrupted, await WatchAsync(server, output, new CancellationToken(canceled: true)));
    }

    private static Task<int> WatchAsync(OpenSslServer server, TextWriter output, CancellationToken stop, params string[] more) => RepriseCommand.RunAsync(
        [
            "probe", "--nodes", $"127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}", "--ca", server.Authority,
            "--tls", "1.2", "--mode", "stateless", "--client", "openssl", "--repeat", "1", "--watch", "0", .. more,
        ],
        new Screen(output, TextWriter.Null, interactive: false), stop);

    // Stops the command from within, with its last line.
    private sealed class RoundsWriter(int lines, CancellationTokenSource stop) : StringWriter(CultureInfo.InvariantCulture)
    {
        private int _written;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (++_written == lines)
                stop.Cancel();
        }
    }
}
