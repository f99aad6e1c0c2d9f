namespace Reprise.Cli.Probe.Trace;

/// <summary>What a ClientHello says of sessions and keys.</summary>
/// <param name="Versions">Highest first.</param>
/// <param name="SessionId">In hex; empty for none.</param>
/// <param name="TicketBytes">Of the SessionTicket extension: null if it is absent, 0 if it only asks for a ticket (RFC 5077 3.2).</param>
/// <param name="TicketKeyName">Of the ticket in it.</param>
/// <param name="PskIdentities">TLS 1.3: what is offered for resumption.</param>
/// <param name="BinderBytes">TLS 1.3: lengths of the proofs that the client knows the secrets of the identities.</param>
/// <param name="PskModes">TLS 1.3.</param>
/// <param name="KeyShares">TLS 1.3: groups that a share is sent for.</param>
/// <param name="ServerName">SNI; null for none.</param>
/// <param name="Alpn">In order of preference.</param>
/// <param name="CipherSuites">How many.</param>
internal sealed record ClientHelloFacts(
    IReadOnlyList<string> Versions, string SessionId, int? TicketBytes, string? TicketKeyName, IReadOnlyList<TicketFacts> PskIdentities,
    IReadOnlyList<int> BinderBytes, IReadOnlyList<string> PskModes, IReadOnlyList<string> KeyShares, string? ServerName, IReadOnlyList<string> Alpn,
    int CipherSuites)
{
    /// <summary>Whether it asks for a resumption; in TLS 1.3 the session ID is for middleboxes only (RFC 8446 D.4).</summary>
    public bool OffersSession => PskIdentities.Count > 0 || (KeyShares.Count == 0 && (TicketBytes > 0 || SessionId.Length > 0));
}
