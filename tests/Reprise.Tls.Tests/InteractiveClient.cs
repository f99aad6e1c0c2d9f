using System.Diagnostics;
using System.Text;
using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>openssl s_client with its commands: a line of one letter is not sent, but done (R: renegotiate, k and K: KeyUpdate).</summary>
internal sealed class InteractiveClient : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private InteractiveClient(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.ErrorDataReceived += (_, e) => Append(e.Data);
    }

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static async Task<InteractiveClient> StartAsync(TlsServer server, params IEnumerable<string> arguments)
    {
        var client = new InteractiveClient(new Process
        {
            StartInfo = new ProcessStartInfo("openssl", ["s_client", "-connect", server.Address, .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        });
        client._process.Start();
        client._process.BeginOutputReadLine();
        client._process.BeginErrorReadLine();
        await client.SeesAsync("Verify return code");
        return client;
    }

    public async Task SendAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Does a command: s_client looks for one at the start of what it reads at once, and forgets the rest.</summary>
    public async Task CommandAsync(char command, string seen)
    {
        var before = Count(seen);
        await SendAsync($"{command}\n");
        await Eventually.TrueAsync(() => Count(seen) > before, text: $"{command}: {seen} in\n{Output}");
    }

    public Task SeesAsync(string text) => Eventually.TrueAsync(() => Output.Contains(text, StringComparison.Ordinal), text: $"{text} in\n{Output}");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private int Count(string text) => Output.Split(text).Length;

    private void Append(string? line)
    {
        lock (_output)
            _output.Append(line).Append('\n');
    }
}
