using Reprise.Edge.Profiles;

namespace Reprise.Edge.Explain;

/// <summary>What an operator wants to know.</summary>
/// <param name="Table">The profiles in service at this moment.</param>
/// <param name="Asked">The profile that the session is offered to; null: whichever it was made for.</param>
/// <param name="Session">Ticket, session ID or handle: any bytes.</param>
/// <param name="Now">The moment.</param>
internal readonly record struct Question(ProfileTable Table, EdgeProfile? Asked, ReadOnlyMemory<byte> Session, DateTimeOffset Now);
