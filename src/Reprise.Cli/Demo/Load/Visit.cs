using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Demo.Load;

/// <summary>One connection of a client, by what it saw.</summary>
/// <param name="Outcome">Which kind of handshake.</param>
/// <param name="Reason">What the node declined for, or how it failed; null otherwise.</param>
internal sealed record Visit(VisitOutcome Outcome, string? Reason = null)
{
    /// <summary>Of a connection that came about.</summary>
    public static Visit Of(Exchange exchange, bool offered)
    {
        var report = exchange.Report;
        if (exchange.Resumed != report.Resumed)
            return new(VisitOutcome.Failed, $"{report.Node} and its client do not agree on whether the session was resumed");
        if (exchange.Resumed)
            return new(VisitOutcome.Resumed);
        return offered ? new(VisitOutcome.Declined, report.DeclineReason ?? "no reason given") : new(VisitOutcome.Full);
    }
}

internal enum VisitOutcome
{
    Full,
    Resumed,
    Declined,
    Failed,
}
