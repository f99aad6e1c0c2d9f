using Reprise.Cli.Probe.Clients;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Matrix;

/// <summary>With nodes of ours: client and node must agree on what it was.</summary>
/// <param name="authorityFile">PEM file of the CA of the nodes' server certificates.</param>
internal sealed class ClusterTrial(string authorityFile) : IPairTrial
{
    private const int Tries = 3;

    /// <summary><c>store_miss</c> (stored too late), <c>store_timeout</c>, <c>store_error</c>: DESIGN §10.</summary>
    private const string StoreReasons = "store_";

    /// <summary>
    /// A node gives its store some milliseconds and goes on without it: once in a while that is a busy machine, and says
    /// nothing of whether the session resumes. So such a decline counts only if it comes again.
    /// </summary>
    public async Task<PairResult> TryAsync(ProbeCase way, ProbeNode from, ProbeNode to, CancellationToken cancellationToken)
    {
        string? declined = null;
        for (var tries = 1; ; tries++)
        {
            var result = await TryOnceAsync(way, from, to, cancellationToken) with { Tries = tries };
            if (tries == Tries || result.Report?.DeclineReason?.StartsWith(StoreReasons, StringComparison.Ordinal) is not true)
                return result with { DeclinedBefore = declined };
            declined = result.Report.DeclineReason;
        }
    }

    private async Task<PairResult> TryOnceAsync(ProbeCase way, ProbeNode from, ProbeNode to, CancellationToken cancellationToken)
    {
        using var full = new WireRecording(keepsContent: false, TimeProvider.System);
        using var resumed = new WireRecording(keepsContent: false, TimeProvider.System);

        PairResult Result(PairOutcome outcome, string? reason, NodeReport? report = null) =>
            new(way, from, to, outcome, reason, report) { Full = HandshakeCost.Of(full) };

        Exchange first;
        try
        {
            first = await way.Client.ConnectAsync(way.Target(from, authorityFile) with { Recording = full }, offer: null, cancellationToken);
        }
        catch (ProbeException failure)
        {
            return Result(PairOutcome.Unknown, $"{from.Name}: {failure.Message}");
        }

        using (first)
        {
            if (first.Resumed || first.Report.Resumed)
                return Result(PairOutcome.Unknown, $"{from.Name}: reports a resumption where none was offered");
            if (first.Session is null)
                return Result(PairOutcome.NotResumed, $"{from.Name} gave no session to resume");

            try
            {
                using var second = await way.Client.ConnectAsync(way.Target(to, authorityFile) with { Recording = resumed }, first.Session, cancellationToken);
                return WhyNotResumed(way, first, second) is { } reason
                    ? Result(PairOutcome.NotResumed, reason, second.Report)
                    : Result(PairOutcome.Resumed, null, second.Report) with { Resumed = HandshakeCost.Of(resumed) };
            }
            catch (ProbeException failure)
            {
                // Reached, but no handshake came of it: an offer must never cost more than the resumption (DESIGN §7).
                return Result(failure.Unreachable ? PairOutcome.Unknown : PairOutcome.NotResumed, $"{to.Name}: {failure.Message}");
            }
        }
    }

    private static string? WhyNotResumed(ProbeCase way, Exchange first, Exchange second)
    {
        var report = second.Report;
        if (!second.Resumed && !report.Resumed)
            return $"full handshake, declined: {report.DeclineReason ?? "no reason given"}";
        if (second.Resumed != report.Resumed)
            return $"the client saw a {Kind(second.Resumed)} handshake, {report.Node} reports a {Kind(report.Resumed)} one";
        if (report.Mode != way.Mode.ToName())
            return $"{report.Node} resumed it as {report.Mode}";
        return report.Issuer == first.Report.Node ? null : $"{report.Node} took it for a session of {report.Issuer ?? "nobody"}";
    }

    private static string Kind(bool resumed) => resumed ? "resumed" : "full";
}
