using System.Globalization;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Clients;

/// <summary>What a handshake cost its client: from its first byte until it may send a request. The TCP connection was there before.</summary>
/// <param name="Milliseconds">Time.</param>
/// <param name="BytesSent">Bytes of TLS records to the node.</param>
/// <param name="BytesReceived">Bytes of TLS records from the node.</param>
/// <param name="RoundTrips">How often the client had to wait for the node's answer.</param>
internal sealed record HandshakeCost(double Milliseconds, long BytesSent, long BytesReceived, int RoundTrips)
{
    /// <summary>Of a connection that was recorded; null if its handshake never ended.</summary>
    public static HandshakeCost? Of(WireRecording recording) => recording.Handshake is { } passed
        ? new(passed.Elapsed.TotalMilliseconds, passed.BytesSent, passed.BytesReceived, passed.RoundTrips)
        : null;

    /// <summary>The median of each part by itself.</summary>
    /// <returns>Null of none.</returns>
    public static HandshakeCost? Median(IReadOnlyCollection<HandshakeCost> costs) => costs.Count == 0 ? null : new(
        Median(costs, cost => cost.Milliseconds), (long)Median(costs, cost => cost.BytesSent), (long)Median(costs, cost => cost.BytesReceived),
        (int)Median(costs, cost => cost.RoundTrips));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Milliseconds:0.0} ms, {RoundTrips} {(RoundTrips == 1 ? "round trip" : "round trips")}, {BytesSent} bytes sent, {BytesReceived} received");

    // The upper one of two in the middle: a value that was measured.
    private static double Median(IReadOnlyCollection<HandshakeCost> costs, Func<HandshakeCost, double> part) => costs.Select(part).Order().ElementAt(costs.Count / 2);
}
