using Reprise.Core.Keys;
using Reprise.Tls;

namespace Reprise.Edge.Keys;

/// <summary>Ticket keys for the TLS engine, from the key ring of a scope. Each use asks the clock anew.</summary>
internal sealed class ScopedTicketKeys : TicketKeys, IDisposable
{
    private readonly TimeProvider _time;
    private readonly ScopedKeyRing _ring;
    private readonly (ScopedKeys Keys, TicketKey Ticket)[] _keys;

    public ScopedTicketKeys(ScopedKeyRing ring, TimeProvider time)
    {
        _time = time;
        _ring = ring;
        _keys = [.. ring.Keys.Select(keys => (keys, new TicketKey(keys.Epoch.Number, keys.Name, keys.TicketCipherKey, keys.TicketMacKey)))];
    }

    public override TicketKey? Sealing()
    {
        var now = _time.GetUtcNow();
        foreach (var (keys, ticket) in _keys)
        {
            if (keys.Epoch.Seals(now))
                return ticket;
        }

        return null;
    }

    public override TicketKey? Find(ReadOnlySpan<byte> name, out DeclineReason why)
    {
        foreach (var (keys, ticket) in _keys)
        {
            if (!name.SequenceEqual(keys.Name))
                continue;
            var opens = keys.Epoch.Opens(_time.GetUtcNow());
            why = opens ? DeclineReason.None : DeclineReason.Retired;
            return opens ? ticket : null;
        }

        why = _ring.FindDestroyed(name)?.IsPast(_time.GetUtcNow()) is true ? DeclineReason.Retired : DeclineReason.UnknownKey;
        return null;
    }

    /// <summary>
    /// Zeroes the keys of epochs that are gone, at once, those of stored sessions too: a handshake under way that has read them finds them
    /// destroyed.
    /// </summary>
    public void DestroyAllBut(ScopedKeyRing kept)
    {
        foreach (var (keys, ticket) in _keys)
        {
            if (kept.FindEpoch(keys.Epoch.Number) is not null)
                continue;
            ticket.Dispose();
            keys.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var (_, ticket) in _keys)
            ticket.Dispose();
    }
}
