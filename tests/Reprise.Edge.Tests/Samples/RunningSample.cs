using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Samples;

/// <summary>
/// A sample as <c>deploy/samples/run</c> starts it: a copy in which nothing differs but the ports, which have to be free. The edges are
/// on 127.0.0.1 and 127.0.0.2.
/// </summary>
internal sealed partial class RunningSample : IAsyncDisposable
{
    // Budgets that no busy machine overruns; with the defaults such a handshake is a full one.
    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["CONFIGURATION"] = RepositoryRoot.Configuration,
        ["Sessions__LookupBudget"] = "00:00:05",
        ["Sessions__StoreBudget"] = "00:00:05",
    };

    private readonly TemporaryDirectory _files = new();
    private readonly Dictionary<string, string> _ports = [];
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _run;

    private RunningSample(string sample)
    {
        Copy(sample);
        _run = new Process
        {
            StartInfo = new ProcessStartInfo("bash", [RepositoryRoot.File("deploy", "samples", "run"), Folder]) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        foreach (var (name, value) in s_environment)
            _run.StartInfo.Environment[name] = value;
        _run.OutputDataReceived += (_, e) => _output.Enqueue(e.Data ?? "");
        _run.ErrorDataReceived += (_, e) => _output.Enqueue(e.Data ?? "");
    }

    private string Folder => _files.File("sample");

    public static async Task<RunningSample> StartAsync(string sample, params string[] programs)
    {
        foreach (var program in programs.Append("redis-server"))
            Assert.SkipUnless(IsInstalled(program), $"{program} is not installed.");
        var running = new RunningSample(sample);
        running._run.Start();
        running._run.BeginOutputReadLine();
        running._run.BeginErrorReadLine();
        try
        {
            await Eventually.TrueAsync(() => running._run.HasExited || running._output.Any(line => line.StartsWith("Ready:", StringComparison.Ordinal)), TimeSpan.FromSeconds(120));
            Assert.False(running._run.HasExited, string.Join('\n', running._output));
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Of the sample's folder.</summary>
    public string File(string name) => Path.Combine(Folder, name);

    /// <param name="node">1 or 2.</param>
    /// <param name="port">As the sample has it.</param>
    public string Address(int node, int port) => $"127.0.0.{node}:{_ports[$"{port}"]}";

    /// <summary>A client that holds to the sample's authority; without a path it ends when it has its session.</summary>
    public async Task<Visit> VisitAsync(
        int node, int port, string? host, string? version = null, string? path = "/.well-known/reprise/handshake", string? offer = null, string? keep = null, params string[] arguments) =>
        new(await new OpenSsl(Address(node, port))
        {
            ServerName = host,
            Version = version,
            CaFile = File("sites/ca.crt"),
            SessionIn = offer is null ? null : _files.File(offer),
            SessionOut = keep is null ? null : _files.File(keep),
            Request = path is null ? null : OpenSsl.Get(path, host ?? "localhost"),
            Timeout = TimeSpan.FromSeconds(60),
            Arguments = arguments,
        }.RunAsync());

    /// <summary>What the two edges have said that is a warning or worse.</summary>
    public IReadOnlyList<string> Complaints() =>
        [.. Directory.GetFiles(File("logs"), "edge-*.log").SelectMany(System.IO.File.ReadAllLines).Where(line => Complaint().IsMatch(line))];

    /// <summary>Ctrl-C, and all that it started ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_run.HasExited)
        {
            await Signal.SendAsync(_run.Id, "TERM");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await _run.WaitForExitAsync(limit.Token);
            }
            finally
            {
                if (!_run.HasExited)
                    _run.Kill(entireProcessTree: true);
            }
        }

        _run.Dispose();
        _files.Dispose();
    }

    private void Copy(string sample)
    {
        Directory.CreateDirectory(Folder);
        var texts = new[] { "*.json", "*.env", "*.sh", "*.cfg" }
            .SelectMany(pattern => Directory.GetFiles(RepositoryRoot.File("deploy", "samples", sample), pattern))
            .Where(file => !file.EndsWith(".ready.json", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetFileName(file)!, System.IO.File.ReadAllText);
        foreach (var port in texts.Values.SelectMany(text => AnyPort().Matches(text)).Select(match => match.Groups[1].Value).Distinct())
            _ports[port] = $"{FreePort.Next()}";
        foreach (var (name, text) in texts)
            System.IO.File.WriteAllText(Path.Combine(Folder, name), AnyNumber().Replace(text, number => _ports.GetValueOrDefault(number.Value, number.Value)));
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => System.IO.File.Exists(Path.Combine(folder, program)));

    [GeneratedRegex(@"(?:127\.0\.0\.\d|0\.0\.0\.0):(\d{4,5})\b")]
    private static partial Regex AnyPort();

    [GeneratedRegex(@"\b\d{4,5}\b")]
    private static partial Regex AnyNumber();

    [GeneratedRegex(" (warn|fail|crit): ")]
    private static partial Regex Complaint();
}
