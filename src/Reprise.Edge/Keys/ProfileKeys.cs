using Reprise.Core.Keys;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Keys;

/// <summary>What follows for a profile from the key ring of one generation: the keys of its scope, and whether they are used.</summary>
internal sealed class ProfileKeys : IDisposable
{
    public ProfileKeys(ScopedKeyRing ring, SwitchedResumption switched, TimeProvider time)
    {
        Ring = ring;
        Tickets = new ScopedTicketKeys(ring, time);
        Resumption = new TlsResumption(switched.Stateful, switched.Stateless, switched.Tls13, Tickets);
    }

    public ScopedKeyRing Ring { get; }

    public ScopedTicketKeys Tickets { get; }

    /// <summary>As the TLS engine reads it.</summary>
    public TlsResumption Resumption { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tickets.Dispose();
        Ring.Dispose();
    }
}
