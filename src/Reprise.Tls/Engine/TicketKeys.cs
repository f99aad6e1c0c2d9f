namespace Reprise.Tls;

/// <summary>
/// The ticket keys of one profile at one generation of the key ring. Immutable; used from all loops at once.
/// What it returns is valid at the moment of the call only.
/// </summary>
public abstract class TicketKeys
{
    /// <summary>The key to seal with now, or null: then no ticket is issued.</summary>
    public abstract TicketKey? Sealing();

    /// <summary>The key of this name (16 bytes, from the client, any content) if it may open now; otherwise null and why.</summary>
    public abstract TicketKey? Find(ReadOnlySpan<byte> name, out DeclineReason why);
}
