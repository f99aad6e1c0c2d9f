namespace Reprise.Tls;

/// <summary>How a profile resumes at this moment. Immutable: a handshake's step reads it once.</summary>
/// <param name="Stateful">As <see cref="TlsProfileOptions.Stateful"/>.</param>
/// <param name="Stateless">As <see cref="TlsProfileOptions.Stateless"/>.</param>
/// <param name="Tls13">As <see cref="TlsProfileOptions.Tls13"/>.</param>
/// <param name="TicketKeys">Null: no ticket is issued or opened.</param>
public sealed record TlsResumption(bool Stateful, bool Stateless, Tls13ResumptionMode Tls13, TicketKeys? TicketKeys);
