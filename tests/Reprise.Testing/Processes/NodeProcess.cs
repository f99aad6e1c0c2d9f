using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Reprise.Testing;

/// <summary>
/// One of our executables as a real process, built in the configuration of the running test. The test project needs a
/// reference to it (<c>ReferenceOutputAssembly="false"</c>) so that it is built first.
/// </summary>
public sealed class NodeProcess : IAsyncDisposable
{
    private const int LinesKept = 20_000;

    private readonly Process _process;
    private readonly string _name;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errorLines = new();

    private NodeProcess(Process process, string name)
    {
        _process = process;
        _name = name;
        process.OutputDataReceived += (_, e) => Keep(_lines, e.Data);
        process.ErrorDataReceived += (_, e) => Keep(_lines, e.Data);
        process.ErrorDataReceived += (_, e) => Keep(_errorLines, e.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Only after the exit; 128 + n for signal n.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Both streams, in order of arrival.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public IReadOnlyList<string> ErrorLines => [.. _errorLines];

    public string Output => string.Join('\n', _lines);

    /// <summary>What the ready file says: <c>name</c>, <c>tls</c>, <c>management</c>, <c>grpc</c>, <c>pid</c>.</summary>
    public JsonElement Ready { get; private set; }

    /// <summary>Starts it, by the name of its folder under <c>src</c>, and waits for nothing.</summary>
    public static NodeProcess Start(
        string project, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(Executable(project))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? RepositoryRoot.Path,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;

        var node = new NodeProcess(new Process { StartInfo = start }, project);
        node._process.Start();
        node._process.StandardInput.Close();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>Starts it with <c>--config</c> and waits until its ready file is there.</summary>
    /// <exception cref="InvalidOperationException">It exited first; the message has its output.</exception>
    /// <exception cref="TimeoutException">It is not ready in time; it has been killed.</exception>
    public static async Task<NodeProcess> StartAsync(
        string project,
        string config,
        string readyFile,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        var node = Start(project, ["--config", config], environment, Path.GetDirectoryName(Path.GetFullPath(config)));
        try
        {
            await node.WaitReadyAsync(readyFile, timeout, cancellationToken);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="TimeoutException">It did not end; it has been killed.</exception>
    public static async Task<NodeProcess> RunAsync(
        string project,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        TimeSpan? timeout = null,
        string? workingDirectory = null)
    {
        var node = Start(project, arguments, environment, workingDirectory);
        try
        {
            await node.WaitForExitAsync(timeout ?? TimeSpan.FromSeconds(60));
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async Task WaitReadyAsync(string readyFile, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await Eventually.TrueAsync(() => IsReady(readyFile) || HasExited, timeout ?? TimeSpan.FromSeconds(30), cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_name} is not ready.\n{Output}");
        }

        if (!File.Exists(readyFile))
        {
            _process.WaitForExit(); // so that the last lines have been read
            throw new InvalidOperationException($"{_name} exited with {ExitCode} before it was ready.\n{Output}");
        }

        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(readyFile, cancellationToken));
        Ready = document.RootElement.Clone();
    }

    // That of a process which this one is to take over from may still be there.
    private bool IsReady(string readyFile)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(readyFile));
            return !document.RootElement.TryGetProperty("pid", out var pid) || pid.GetInt32() == Id;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The first line, among those that came and those to come, that contains the text.</summary>
    public Task<string> WaitForLineAsync(string text, TimeSpan? timeout = null) =>
        Eventually.NotNullAsync(() => _lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)), timeout);

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync(TimeSpan? timeout = null)
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync(timeout ?? TimeSpan.FromSeconds(30));
    }

    /// <summary>SIGKILL: it gets no chance to clean up.</summary>
    public async Task KillAsync()
    {
        if (!HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: its ports accept, and it does nothing. Returns when its last thread stands still.</summary>
    public async Task PauseAsync()
    {
        await SignalAsync("STOP");
        // One thread takes the signal and stops the others: on a busy machine they go on until it has its turn.
        await Eventually.TrueAsync(() => HasExited || Directory.GetDirectories($"/proc/{Id}/task").All(IsStopped));
    }

    public Task ContinueAsync() => SignalAsync("CONT");

    /// <param name="signal">Without SIG: <c>HUP</c>, <c>INT</c>, …</param>
    public Task SignalAsync(string signal) => HasExited ? Task.CompletedTask : Signal.SendAsync(Id, signal);

    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It goes on; the message has its output.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        try
        {
            using var limit = new CancellationTokenSource(timeout);
            await _process.WaitForExitAsync(limit.Token);
            return ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_name} has not exited within {timeout.TotalSeconds:0.#} s.\n{Output}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            // With its children, which a killed `up` would leave behind.
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    // Its state stands behind its name, which may hold anything (proc_pid_stat(5)).
    private static bool IsStopped(string thread)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart().StartsWith("T");
        }
        catch (IOException)
        {
            return true; // it has ended since
        }
    }

    private static string Executable(string project)
    {
        var directory = RepositoryRoot.File("src", project, "bin", RepositoryRoot.Configuration, "net10.0");
        var name = project == "Reprise.Cli" ? "reprise" : project;
        var path = Path.Combine(directory, name);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} has not been built: the test project needs a project reference to {project}.");
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is null)
            return;
        lines.Enqueue(line);
        while (lines.Count > LinesKept)
            lines.TryDequeue(out _);
    }
}
