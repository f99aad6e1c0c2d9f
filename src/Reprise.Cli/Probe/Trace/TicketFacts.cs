namespace Reprise.Cli.Probe.Trace;

/// <summary>A ticket, as it is issued or offered.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Kind"><c>ticket</c>, or <c>handle</c>: of 32 bytes, which hold nothing but a name for what the cluster keeps.</param>
/// <param name="KeyName">Of a sealed ticket, in hex: its first 16 bytes, as RFC 5077 section 4 lays them out. Null for a handle.</param>
/// <param name="LifetimeSeconds">When it is issued: the hint.</param>
internal sealed record TicketFacts(int Bytes, string Kind, string? KeyName, long? LifetimeSeconds = null)
{
    private const int HandleLength = 32;
    private const int KeyNameLength = 16;

    public bool IsHandle => Kind == "handle";

    public static TicketFacts Of(ReadOnlySpan<byte> ticket, long? lifetimeSeconds = null) => ticket.Length == HandleLength
        ? new(ticket.Length, "handle", null, lifetimeSeconds)
        : new(ticket.Length, "ticket", ticket.Length > HandleLength ? Convert.ToHexStringLower(ticket[..KeyNameLength]) : null, lifetimeSeconds);
}
