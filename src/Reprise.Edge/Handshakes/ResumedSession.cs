using Reprise.Core.Sessions;

namespace Reprise.Edge.Handshakes;

/// <summary>What is known of an offered session that may be resumed; kept with the connection and carried into renewals.</summary>
/// <param name="Metadata">From its record or ticket.</param>
/// <param name="Purge">The purge number it was sealed under; null for tickets, which purges do not touch.</param>
internal sealed record ResumedSession(SessionMetadata Metadata, long? Purge);
