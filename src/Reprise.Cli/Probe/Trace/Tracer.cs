using System.Text.Json;
using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Trace;

/// <summary>A full handshake with one node, then its session offered to another, both recorded.</summary>
/// <param name="from">Where the session is made.</param>
/// <param name="to">Where it is offered.</param>
/// <param name="authorityFile">PEM file of the CA of the nodes' server certificates.</param>
/// <param name="between">Done after the first connection and before the second; null for nothing.</param>
/// <param name="time">The clock of the recordings.</param>
internal sealed class Tracer(ProbeNode from, ProbeNode to, string authorityFile, Func<CancellationToken, Task>? between, TimeProvider time)
{
    /// <summary>The receiver disposes what it gets: it holds secrets.</summary>
    public async Task<PairTrace> TraceAsync(ProbeCase way, CancellationToken cancellationToken)
    {
        var (first, session) = await ConnectAsync(way, from, offer: null, cancellationToken);
        using (session)
        {
            if (session is null)
                return new(way, [first]);
            try
            {
                if (between is not null)
                    await between(cancellationToken);
                var (second, renewed) = await ConnectAsync(way, to, session, cancellationToken);
                renewed?.Dispose();
                return new(way, [first, second]);
            }
            catch
            {
                first.Recording.Dispose();
                throw;
            }
        }
    }

    private async Task<(TracedConnection, IDisposable? Session)> ConnectAsync(ProbeCase way, ProbeNode node, IDisposable? offer, CancellationToken cancellationToken)
    {
        var recording = new WireRecording(keepsContent: true, time);
        var target = way.Target(node, authorityFile) with { Recording = recording };
        try
        {
            var contact = await way.Client.TalkAsync(target, offer, (connection, token) => AskAsync(connection, target, token), cancellationToken);
            return (new(node, recording, contact.Resumed, contact.Said, Failure: null), contact.Session);
        }
        catch (ProbeException failure)
        {
            return (new(node, recording, Resumed: null, Report: null, failure.Message), null);
        }
        catch
        {
            recording.Dispose();
            throw;
        }
    }

    // Of a server that has no such page the wire still tells.
    private static async Task<NodeReport?> AskAsync(Stream connection, ProbeTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await NodeReport.AskAsync(connection, target.ServerName, cancellationToken);
        }
        catch (Exception other) when (other is JsonException or HttpRequestException { StatusCode: not null })
        {
            return null;
        }
    }
}
