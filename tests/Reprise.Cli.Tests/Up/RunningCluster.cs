using System.Globalization;
using System.Text.Json;
using Reprise.Cli.Cluster;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Up;

/// <summary><c>reprise up</c> as a process of its own, in a folder of its own.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryDirectory _directory = new();

    /// <summary>Before <see cref="InitializeAsync"/>.</summary>
    public int Edges { get; init; } = 3;

    /// <summary>Before <see cref="InitializeAsync"/>.</summary>
    public int KeyServices { get; init; } = 2;

    /// <summary>A server to use in place of the embedded one.</summary>
    public string? Redis { get; init; }

    /// <summary>A cluster whose PKI this one shares.</summary>
    public RunningCluster? Kin { get; init; }

    /// <summary>What nodes give their store.</summary>
    public TimeSpan StoreBudget { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether it tells its story, in JSON, and ends by itself.</summary>
    public bool Demo { get; init; }

    public NodeProcess Process { get; private set; } = null!;

    public string Data => _directory.File("data");

    public string ClusterPath => _directory.File("data", ClusterFile.Name);

    internal ClusterDescription Description { get; private set; } = null!;

    public IEnumerable<int> Pids =>
        [.. Description.Edges.Select(edge => edge.Pid!.Value), .. Description.KeyService.Select(service => service.Pid!.Value)];

    public async ValueTask InitializeAsync()
    {
        if (Kin is not null)
        {
            Directory.CreateDirectory(Path.Combine(Data, "pki"));
            foreach (var file in Directory.GetFiles(Path.Combine(Kin.Data, "pki")))
                File.Copy(file, Path.Combine(Data, "pki", Path.GetFileName(file)));
        }

        // The 20 ms that nodes give their store need not be enough on a machine that builds and tests at the same time.
        var budget = StoreBudget.ToString("c", CultureInfo.InvariantCulture);
        Process = NodeProcess.Start(
            "Reprise.Cli",
            [
                "up", "--edges", Edges.ToString(CultureInfo.InvariantCulture), "--data", Data,
                "--key-services", KeyServices.ToString(CultureInfo.InvariantCulture),
                "--port", FreePort.NextRange(Edges).ToString(CultureInfo.InvariantCulture), .. Redis is null ? [] : new[] { "--redis", Redis },
                .. Demo ? ["--demo", "--pause", "0", "--json"] : (string[])[],
            ],
            new Dictionary<string, string> { ["Sessions__LookupBudget"] = budget, ["Sessions__StoreBudget"] = budget },
            _directory.Path);
        await Process.WaitReadyAsync(ClusterPath, Patience);
        Description = ClusterFile.Read(ClusterPath);
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>A command, in this process, told of this cluster.</summary>
    internal Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--cluster", ClusterPath]);

    /// <summary>What <c>keys list</c> tells.</summary>
    internal async Task<JsonElement> ListAsync()
    {
        var run = await RunAsync("keys", "list", "--json");
        Assert.True(run.ExitCode == ExitCode.Done, run.Error);
        using var told = JsonDocument.Parse(run.Out);
        return told.RootElement.Clone();
    }

    public static void Kill(int pid)
    {
        using var process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
    }

    // A zombie whose parent has not looked yet is dead too.
    public static bool IsAlive(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException)
        {
            return false;
        }
    }
}
