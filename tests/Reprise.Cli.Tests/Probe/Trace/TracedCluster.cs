using System.Globalization;
using System.Text.Json;
using Reprise.Cli.Tests.Up;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Probe.Trace;

/// <summary>A cluster of two edges, and <c>probe --trace</c> of a session that goes from the one to the other.</summary>
public sealed class TracedCluster : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private int _captures;

    internal RunningCluster Cluster { get; } = new() { Edges = 2, KeyServices = 1 };

    public ValueTask InitializeAsync() => Cluster.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Traces, and holds the trace against what tshark makes of the capture: each message, in order, all that is told of it.</summary>
    /// <param name="tls">As <c>--tls</c>.</param>
    /// <param name="mode">As <c>--mode</c>.</param>
    /// <param name="between">A command of reprise between the two connections.</param>
    /// <returns>The one trace, and what is on the wire of its two connections.</returns>
    internal async Task<(JsonElement Trace, IReadOnlyList<IReadOnlyList<WireMessage>> Wire)> TraceAsync(string tls, string mode, string? between = null)
    {
        var file = NextFile();
        string[] step = between is null ? [] : ["--between", Command(between)];
        var run = await Cluster.RunAsync(["probe", "--trace", "--json", "--tls", tls, "--mode", mode, "--nodes", "edge-1,edge-2", "--pcap", file, .. step]);
        Assert.True(run.ExitCode is ExitCode.Done or ExitCode.Failed, run.Error);

        using var told = JsonDocument.Parse(run.Out);
        var trace = Assert.Single(told.RootElement.GetProperty("traces").EnumerateArray()).Clone();
        Assert.Equal(run.ExitCode == ExitCode.Done, trace.GetProperty("outcome").GetString() == "resumed");
        var wire = await Tshark.DecodeAsync(file, Cluster.Description.Edges.Select(edge => edge.Tls));
        var connections = trace.GetProperty("connections").EnumerateArray().ToList();
        Assert.Equal(connections.Count, wire.Count);
        foreach (var (connection, decoded) in connections.Zip(wire))
            Assert.Equal(decoded.Select(message => message.ToString()), connection.GetProperty("messages").EnumerateArray().Select(message => WireMessage.OfTrace(message).ToString()));
        return (trace, wire);
    }

    /// <summary>A name for a capture that is not there yet.</summary>
    internal string NextFile() => _directory.File($"{Interlocked.Increment(ref _captures).ToString(CultureInfo.InvariantCulture)}.pcapng");

    /// <summary>The epoch that seals.</summary>
    internal async Task<string> ActiveEpochAsync() =>
        (await Cluster.ListAsync()).GetProperty("epochs").EnumerateArray().Single(epoch => epoch.GetProperty("sealing").GetBoolean())
            .GetProperty("number").GetInt64().ToString(CultureInfo.InvariantCulture);

    // Tried again: only one change of keys runs at a time, and a busy node may acknowledge late.
    private string Command(string arguments)
    {
        var once = $"'{RepositoryRoot.File("src", "Reprise.Cli", "bin", RepositoryRoot.Configuration, "net10.0", "reprise")}' {arguments} --cluster '{Cluster.ClusterPath}'";
        return $"for try in 1 2 3 4 5 6 7 8 9 10; do {once} && exit 0; sleep 1; done; exit 1";
    }
}
