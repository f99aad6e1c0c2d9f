using System.Diagnostics;
using System.Text;

namespace Reprise.Testing;

/// <summary>One run of <c>openssl s_client</c>: a TLS client that we did not write.</summary>
/// <param name="Connect"><c>host:port</c>.</param>
public sealed record OpenSsl(string Connect)
{
    public string? ServerName { get; init; }

    /// <summary><c>1.2</c>, <c>1.3</c>, or null for both.</summary>
    public string? Version { get; init; }

    /// <summary>Sends no session_ticket extension: a TLS 1.2 server then answers with a session ID.</summary>
    public bool NoTicket { get; init; }

    /// <summary>File that the session is written to.</summary>
    public string? SessionOut { get; init; }

    /// <summary>File that the session to offer is read from.</summary>
    public string? SessionIn { get; init; }

    /// <summary>Trusted authority; a chain that does not hold to it fails the run.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>h2,http/1.1</c></summary>
    public string? Alpn { get; init; }

    /// <summary>
    /// Sent as it stands once the handshake is done; then the run goes on until the server closes, so a request
    /// says <c>Connection: close</c>. Without one, the run ends by itself when the session is at hand.
    /// </summary>
    public string? Request { get; init; }

    /// <summary>Without a request: how long to wait for a TLS 1.3 ticket, and then end without one.</summary>
    public TimeSpan TicketWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Past it the process is killed and the run throws.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Further arguments, as <c>-cipher</c>, <c>-no_etm</c>, <c>-groups</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>As <c>OPENSSL_CONF</c>, for what no argument can say.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>A GET of the path that has the server close, for <see cref="Request"/>.</summary>
    public static string Get(string path, string host) => $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n";

    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<OpenSslResult> RunAsync(CancellationToken cancellationToken = default)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("openssl", CommandLine())
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(output, e.Data);
        foreach (var (name, value) in Environment)
            process.StartInfo.Environment[name] = value;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            if (Request is null)
                await WaitForSessionAsync(process, output, limit.Token);
            else
                await process.StandardInput.WriteAsync(Request.AsMemory(), limit.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(limit.Token);
        }
        catch (IOException) when (!limit.IsCancellationRequested)
        {
            // It ended before it read the request: its output says why.
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"openssl {string.Join(' ', CommandLine())}: no end within {Timeout.TotalSeconds:0.#} s.\n{Read(output)}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        return new OpenSslResult(process.ExitCode, Read(output));
    }

    private async Task WaitForSessionAsync(Process process, StringBuilder output, CancellationToken cancellationToken)
    {
        await Eventually.TrueAsync(
            () => process.HasExited || OpenSslResult.HandshakeReported(Read(output)), Timeout, cancellationToken);
        if (process.HasExited || !OpenSslResult.IsTls13(Read(output)))
            return;

        // TLS 1.3 tickets follow the handshake; s_client would end without them at the end of its input.
        try
        {
            await Eventually.TrueAsync(
                () => process.HasExited || OpenSslResult.TicketReported(Read(output)), TicketWait, cancellationToken);
        }
        catch (TimeoutException)
        {
            // None came; the caller sees Tickets = 0.
        }
    }

    private List<string> CommandLine()
    {
        List<string> line = ["s_client", "-connect", Connect];
        Add("-servername", ServerName);
        if (ServerName is null)
            line.Add("-noservername");
        Add("-sess_out", SessionOut);
        Add("-sess_in", SessionIn);
        Add("-CAfile", CaFile);
        if (CaFile is not null)
            line.Add("-verify_return_error");
        Add("-alpn", Alpn);
        if (Version is not null)
            line.Add(Version == "1.3" ? "-tls1_3" : "-tls1_2");
        if (NoTicket)
            line.Add("-no_ticket");
        if (Request is not null)
            line.Add("-ign_eof");
        line.AddRange(Arguments);
        return line;

        void Add(string name, string? value)
        {
            if (value is not null)
                line.AddRange([name, value]);
        }
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.Append(line).Append('\n');
    }

    private static string Read(StringBuilder output)
    {
        lock (output)
            return output.ToString();
    }
}
