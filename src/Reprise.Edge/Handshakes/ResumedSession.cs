using Reprise.Core.Sessions;

namespace Reprise.Edge.Handshakes;

/// <summary>What is known of an offered session that may be resumed; kept with the connection and carried into renewals.</summary>
internal sealed record ResumedSession(SessionMetadata Metadata);
