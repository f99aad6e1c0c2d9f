namespace Reprise.Cli.Probe.Trace;

/// <summary>What a ServerHello says of sessions and keys.</summary>
/// <param name="Version">That was chosen.</param>
/// <param name="Cipher">Name of the cipher suite.</param>
/// <param name="SessionId">In hex; empty for none.</param>
/// <param name="SessionIdIs"><c>echoed</c>, <c>new</c> or <c>empty</c>, against the ClientHello's.</param>
/// <param name="TicketFollows">TLS 1.2: whether a NewSessionTicket is announced.</param>
/// <param name="SelectedPsk">TLS 1.3: index of the identity that is resumed; null for none.</param>
/// <param name="KeyShare">TLS 1.3: the group; null for none.</param>
/// <param name="ExtendedMasterSecret">TLS 1.2: RFC 7627.</param>
/// <param name="Retry">TLS 1.3: a HelloRetryRequest, which asks for a ClientHello with a share of <paramref name="KeyShare"/>.</param>
internal sealed record ServerHelloFacts(
    string Version, string Cipher, string SessionId, string SessionIdIs, bool TicketFollows, int? SelectedPsk, string? KeyShare, bool ExtendedMasterSecret, bool Retry)
{
    public const string Echoed = "echoed";
    public const string New = "new";
    public const string Empty = "empty";

    public bool IsTls13 => Version == "TLS 1.3";

    /// <summary>Whether it takes up a session (RFC 5246 7.4.1.3, RFC 5077 3.4, RFC 8446 4.2.11).</summary>
    public bool Resumes => IsTls13 ? SelectedPsk is not null : SessionIdIs == Echoed;
}
