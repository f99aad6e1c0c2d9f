using Reprise.Core.Keys;

namespace Reprise.Edge.Keys;

/// <summary>The keys of one profile's scope at one generation: for stored sessions and for tickets.</summary>
internal sealed class ProfileKeys : IDisposable
{
    public ProfileKeys(ScopedKeyRing ring, TimeProvider time)
    {
        Ring = ring;
        Tickets = new ScopedTicketKeys(ring, time);
    }

    public ScopedKeyRing Ring { get; }

    public ScopedTicketKeys Tickets { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tickets.Dispose();
        Ring.Dispose();
    }
}
