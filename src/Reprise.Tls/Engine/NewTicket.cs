namespace Reprise.Tls;

/// <param name="Lifetime">Lifetime hint and timeout; cut to 7 days (RFC 8446 section 4.6.1) and at least one second.</param>
/// <param name="State">Sealed into the ticket; given back to <see cref="HandshakePolicy.Accept"/>.</param>
public readonly record struct NewTicket(TimeSpan Lifetime, byte[]? State);
