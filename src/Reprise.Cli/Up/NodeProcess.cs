using System.Diagnostics;
using System.Text.Json;

namespace Reprise.Cli.Up;

/// <summary>One node as a child process. Its output goes to a log file; it ends when this process does.</summary>
internal sealed class NodeProcess : IDisposable
{
    /// <summary>The executables watch the process of this id, and stop when it is gone: children do not outlive `up`.</summary>
    private const string ParentVariable = "REPRISE_PARENT_PID";

    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly string _readyFile;
    private readonly Task _log;
    private string? _lastError;

    private NodeProcess(string name, Process process, string readyFile, string logFile)
    {
        Name = name;
        LogFile = logFile;
        _process = process;
        _readyFile = readyFile;
        var log = TextWriter.Synchronized(new StreamWriter(logFile, append: false) { AutoFlush = true });
        _log = CopyAsync(log);
        Exited = _process.WaitForExitAsync();
    }

    public string Name { get; }

    public string LogFile { get; }

    public int Pid => _process.Id;

    public Task Exited { get; }

    public int ExitCode => _process.ExitCode;

    public static NodeProcess Start(string name, string program, string folder, string logFile)
    {
        if (!File.Exists(program))
            throw new CliException($"{program} is not there: build src/Reprise.Cli, which puts the nodes beside it");

        var readyFile = Path.Combine(folder, $"{name}.ready.json");
        File.Delete(readyFile); // one of an earlier run that was killed
        var start = new ProcessStartInfo(NodeProgram.Host)
        {
            ArgumentList = { program, "--config", Path.Combine(folder, $"{name}.json") },
            Environment = { [ParentVariable] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture) },
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new(name, process, readyFile, logFile);
    }

    /// <summary>Waits for the ready file of the node, and reads it.</summary>
    /// <exception cref="CliException">The node ended first, or took too long.</exception>
    public async Task<ReadyFile> ReadyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (!File.Exists(_readyFile))
        {
            if (Exited.IsCompleted)
            {
                await _log;
                throw new CliException($"{Name} did not start (exit {ExitCode}): {_lastError ?? $"see {LogFile}"}");
            }

            if (Stopwatch.GetElapsedTime(since) > patience)
                throw new CliException($"{Name} was not ready within {patience.TotalSeconds:0} s; see {LogFile}");
            await Task.Delay(ReadyPoll, cancellationToken);
        }

        try
        {
            return JsonSerializer.Deserialize<ReadyFile>(await File.ReadAllTextAsync(_readyFile, cancellationToken), JsonSerializerOptions.Web)!;
        }
        catch (JsonException failure)
        {
            throw new CliException($"{_readyFile} is not what a node writes: {failure.Message}", inner: failure);
        }
    }

    /// <summary>For a node that did not stop by itself.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await Exited;
    }

    public void Dispose() => _process.Dispose();

    private async Task CopyAsync(TextWriter log)
    {
        await using (log)
            await Task.WhenAll(CopyAsync(_process.StandardOutput, log, _ => { }), CopyAsync(_process.StandardError, log, line => _lastError = line));
    }

    private static async Task CopyAsync(StreamReader from, TextWriter log, Action<string> seen)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            if (line.Length > 0 && !char.IsWhiteSpace(line[0])) // not the frames below an exception
                seen(line);
            await log.WriteLineAsync(line);
        }
    }
}
