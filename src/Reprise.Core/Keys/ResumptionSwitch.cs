namespace Reprise.Core.Keys;

/// <summary>What operators have set for a profile over the nodes' configurations.</summary>
/// <param name="Stateful">Whether sessions are kept in the store; null: as the node's configuration says.</param>
/// <param name="Stateless">Whether sessions travel in tickets; null: as the node's configuration says.</param>
/// <param name="Number">When it was set: Unix milliseconds, or one more than any number before.</param>
/// <param name="TicketsFrom">
/// The number at which tickets were last switched off, or 0. It is in the derivation of the profile's ticket keys, so that those
/// from before do not open when tickets are switched on again. (Stored sessions are purged when they are switched off.)
/// </param>
public readonly record struct ResumptionSwitch(bool? Stateful, bool? Stateless, long Number, long TicketsFrom);
