using System.Diagnostics;

namespace Reprise.Testing;

/// <summary>Runs of <c>redis-cli</c> against one server on loopback.</summary>
public sealed class RedisCli(int port, string? password = null, RedisTls? tls = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <returns>What it printed, without the last end of line.</returns>
    /// <exception cref="InvalidOperationException">It failed, or the server answered with an error.</exception>
    public async Task<string> RunAsync(params IReadOnlyList<string> command)
    {
        var (ok, output) = await TryRunAsync(command);
        return ok ? output : throw new InvalidOperationException($"redis-cli {string.Join(' ', command)}: {output}");
    }

    /// <returns>As <see cref="RunAsync"/>; null where that throws.</returns>
    public async Task<string?> TryAsync(params IReadOnlyList<string> command) =>
        await TryRunAsync(command) is (true, var output) ? output : null;

    /// <summary>How often the server has been given these commands, as <c>get</c>, <c>getdel</c>, <c>set</c>, by all its clients.</summary>
    public async Task<long> CallsAsync(params IReadOnlyList<string> commands)
    {
        var lines = (await RunAsync("INFO", "commandstats")).Split('\n', StringSplitOptions.TrimEntries);
        return commands.Sum(command => lines
            .Where(line => line.StartsWith($"cmdstat_{command}:calls=", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split('=', ',')[1], provider: null)));
    }

    private async Task<(bool Ok, string Output)> TryRunAsync(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo("redis-cli", ["-e", "-h", "127.0.0.1", "-p", port.ToString(provider: null), .. TlsArguments(), .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (password is not null)
            start.Environment["REDISCLI_AUTH"] = password;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = (await process.StandardOutput.ReadToEndAsync(limit.Token)).TrimEnd('\n', '\r');
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? (true, output) : (false, $"{output}{await errors}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return (false, $"no end within {Limit.TotalSeconds} s");
        }
    }

    private string[] TlsArguments() => tls is null ? []
        : ["--tls", "--cacert", tls.Authority, .. tls.ClientCertificate is { } own ? new[] { "--cert", own.Chain, "--key", own.Key } : []];
}
