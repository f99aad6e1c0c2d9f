using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>Runs a client that is a program of its own.</summary>
internal static class Program
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>A source file of ours for such a client.</summary>
    public static string Source(string name) => RepositoryRoot.File("tests", "Reprise.Conformance.Tests", "Clients", name);

    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <param name="program">By name.</param>
    /// <param name="arguments">One by one.</param>
    /// <param name="input">For its standard input, which stays open until it ends.</param>
    /// <param name="environment">Besides ours.</param>
    /// <returns>Both streams in order of arrival. Whether it succeeded is for the caller to see by what it says.</returns>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string input = "", IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.ErrorDataReceived += (_, e) => Append(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            await process.StandardInput.FlushAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program}: no end within {Patience.TotalSeconds} s.\n{output}");
        }

        lock (output)
            return output.ToString();

        void Append(string? line)
        {
            lock (output)
                output.Append(line).Append('\n');
        }
    }

    /// <summary>The reports in a client's output, each a line of its own.</summary>
    public static IReadOnlyList<JsonElement> Reports(string output) =>
        [.. output.Split('\n').Where(line => line.StartsWith("{\"node\"", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line))];

    /// <summary>What our own client programs print: <c>resumed true</c> or <c>resumed false</c>, then the report, for each connection.</summary>
    public static IReadOnlyList<PeerVisit> Visits(string output)
    {
        var told = output.Split('\n').Where(line => line.StartsWith("resumed ", StringComparison.Ordinal)).Select(line => line == "resumed true");
        var reports = Reports(output);
        var visits = told.Zip(reports, (resumed, report) => new PeerVisit(resumed, report)).ToList();
        return visits.Count > 0 ? visits : throw new InvalidOperationException($"No visit:\n{output}");
    }
}
