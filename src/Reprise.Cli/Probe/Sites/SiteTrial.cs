using System.Net;
using System.Text;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Sites;

/// <summary>With any HTTPS server: what counts is what the client saw, as there is nobody to ask. One pair at a time.</summary>
/// <param name="authorityFile">PEM file of the CAs to trust; null for those of this machine.</param>
internal sealed class SiteTrial(string? authorityFile) : IPairTrial
{
    /// <summary>Of an answer: enough for TLS 1.3 tickets to come before it, whatever the server sends.</summary>
    private const int MaxAnswer = 64 * 1024;

    /// <summary>Addresses where nobody answered, with what was said of it: they are not waited for again in every pair.</summary>
    private readonly Dictionary<IPEndPoint, string> _unreachable = [];

    public async Task<PairResult> TryAsync(ProbeCase way, ProbeNode from, ProbeNode to, CancellationToken cancellationToken)
    {
        using var full = new WireRecording(keepsContent: false, TimeProvider.System);
        using var resumed = new WireRecording(keepsContent: false, TimeProvider.System);

        PairResult Result(PairOutcome outcome, string? reason) => new(way, from, to, outcome, reason, Report: null) { Full = HandshakeCost.Of(full) };

        if (_unreachable.GetValueOrDefault(from.EndPoint) is { } silent || _unreachable.TryGetValue(to.EndPoint, out silent))
            return Result(PairOutcome.Unknown, silent);

        Contact<bool> first;
        try
        {
            first = await ConnectAsync(way, way.Target(from, authorityFile) with { Recording = full }, offer: null, cancellationToken);
        }
        catch (ProbeException failure)
        {
            return failure.VersionRefused
                ? Result(PairOutcome.NotSpoken, $"{from.Name} does not speak TLS {way.Version.ToName()}")
                : Result(PairOutcome.Unknown, Remember(from, failure));
        }

        using (first)
        {
            // A server without tickets answers a client that asks for one with a session ID: that is another way.
            if (first.Session is null || (way.Mode == ResumptionMode.Stateless && first.LifetimeHint is null))
                return Result(PairOutcome.NotResumed, $"{from.Name} gave no {way.Presented}");
            try
            {
                using var second = await ConnectAsync(way, way.Target(to, authorityFile) with { Recording = resumed }, first.Session, cancellationToken);
                var result = second.Resumed
                    ? Result(PairOutcome.Resumed, null) with { Resumed = HandshakeCost.Of(resumed) }
                    : Result(PairOutcome.NotResumed, from == to ? "full handshake, at the address that gave the session" : "full handshake, at another address");
                return result with { LifetimeHint = first.LifetimeHint };
            }
            catch (ProbeException failure)
            {
                return Result(failure.Unreachable ? PairOutcome.Unknown : PairOutcome.NotResumed, Remember(to, failure));
            }
        }
    }

    private string Remember(ProbeNode node, ProbeException failure)
    {
        var said = $"{node.Name}: {failure.Message}";
        if (failure.Unreachable)
            _unreachable[node.EndPoint] = said;
        return said;
    }

    private static Task<Contact<bool>> ConnectAsync(ProbeCase way, ProbeTarget target, IDisposable? offer, CancellationToken cancellationToken) =>
        way.Client.TalkAsync(target, offer, (connection, token) => AskAsync(connection, target, token), cancellationToken);

    // A server may close or fall silent without an answer; the handshake was there all the same.
    private static async Task<bool> AskAsync(Stream connection, ProbeTarget target, CancellationToken cancellationToken)
    {
        try
        {
            var request = $"HEAD / HTTP/1.1\r\nHost: {target.ServerName}\r\nUser-Agent: reprise-probe\r\nConnection: close\r\n\r\n";
            await connection.WriteAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
            var buffer = new byte[4096];
            var all = 0;
            while (all < MaxAnswer && await connection.ReadAsync(buffer, cancellationToken) is var read and > 0)
                all += read;
            return all > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
