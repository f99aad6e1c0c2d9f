using Reprise.Cli.Explain;
using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Probe.Trace;

/// <summary>The story of one session: made with the one node, offered to the other.</summary>
/// <param name="Case">How.</param>
/// <param name="Connections">One or two: there is no second where the first gave no session.</param>
internal sealed record PairTrace(ProbeCase Case, IReadOnlyList<TracedConnection> Connections) : IDisposable
{
    private TracedConnection First => Connections[0];

    private TracedConnection? Second => Connections.ElementAtOrDefault(1);

    public PairOutcome Outcome =>
        Connections.Any(connection => connection.Failure is not null) ? PairOutcome.Unknown
        : Second is { Resumed: true, Report: null or { Resumed: true } } ? PairOutcome.Resumed
        : PairOutcome.NotResumed;

    /// <summary>What came of it, and what it saved, in a sentence or two.</summary>
    public string Summary => (First, Second) switch
    {
        ({ Failure: { } failure } first, _) => $"{first.Node.Name}: {failure}.",
        (var first, null) => $"{first.Node.Name} gave no session to resume.",
        (_, { Failure: { } failure } second) => $"{second.Node.Name}: {failure}.",
        (_, { Resumed: true, Report.Resumed: false } second) => $"The client saw a resumed handshake, {second.Node.Name} reports a full one.",
        (_, { Resumed: false, Report.Resumed: true } second) => $"The client saw a full handshake, {second.Node.Name} reports a resumed one.",
        (_, { Resumed: false } second) => $"{second.Node.Name} declined the session of {First.Node.Name}: {Why(second.Report?.DeclineReason)}. The handshake was full, and nothing was saved.",
        var (first, second) => $"{second.Node.Name} resumed the session of {first.Node.Name}. {Saved(first, second)}",
    };

    public void Dispose()
    {
        foreach (var connection in Connections)
            connection.Recording.Dispose();
    }

    // A node that is newer than this program may have reasons of its own.
    private static string Why(string? reason) => reason is null ? "no reason is given" : ReasonText.Of(reason) is { Length: > 0 } text ? $"{reason}, {text}" : reason;

    private static string Saved(TracedConnection full, TracedConnection resumed)
    {
        if (full.Recording.Handshake is not { } before || resumed.Recording.Handshake is not { } after)
            return "";
        var received = before.BytesReceived - after.BytesReceived;
        var sent = before.BytesSent - after.BytesSent;
        // A ticket can make the hello longer than what it saves elsewhere.
        var bytes = sent >= 0 ? $"{received} bytes from the server and {sent} to it" : $"{received} bytes from the server (for {-sent} more to it)";
        var trips = before.RoundTrips > after.RoundTrips ? $"{before.RoundTrips - after.RoundTrips} of {before.RoundTrips} round trips, " : "";
        return $"Saved: {bytes}, {trips}certificates of {full.CertificateBytes} bytes, and a signature.";
    }
}
