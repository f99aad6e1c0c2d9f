using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>How a node's handshakes have ended.</summary>
/// <param name="Totals">Since it started.</param>
/// <param name="Recent">Of these, those of the last minute or so; null where it is not known.</param>
/// <param name="Span">The time that <paramref name="Recent"/> covers; zero where it is not known.</param>
internal sealed record NodeHandshakes(HandshakeCounts Totals, HandshakeCounts? Recent, TimeSpan Span);
