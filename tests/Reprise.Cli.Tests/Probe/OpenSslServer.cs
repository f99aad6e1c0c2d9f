using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Reprise.Cli.Certs;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Probe;

/// <summary>
/// <c>openssl s_server</c> that serves one report file: a node which resumes for real and says of itself what a test wants.
/// </summary>
internal sealed class OpenSslServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Process _process;

    private OpenSslServer(string report, IEnumerable<string> arguments)
    {
        new PkiDirectory(_directory.File("pki"), TimeProvider.System).Create(new() { Edges = 1 });
        _directory.Write("www/.well-known/reprise/handshake", report);
        Port = FreePort.Next();
        Authority = _directory.File("pki", "ca.crt");
        _process = Process.Start(new ProcessStartInfo("openssl", [
            "s_server", "-accept", $"127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}", "-cert", _directory.File("pki", "site.crt"),
            "-key", _directory.File("pki", "site.key"), "-WWW", .. arguments])
        {
            WorkingDirectory = _directory.File("www"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Ready |= line.Data?.StartsWith("ACCEPT", StringComparison.Ordinal) is true;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    /// <summary>PEM file of the CA of its certificate.</summary>
    public string Authority { get; }

    private bool Ready { get; set; }

    public static async Task<OpenSslServer> StartAsync(object report, params string[] arguments)
    {
        var server = new OpenSslServer(JsonSerializer.Serialize(report), arguments);
        await Eventually.TrueAsync(() => server.Ready);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Dispose();
    }
}
