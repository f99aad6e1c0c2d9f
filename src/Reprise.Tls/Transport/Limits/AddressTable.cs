using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Reprise.Tls;

/// <summary>
/// How many connections each client address has, and how fast it makes them. An IPv6 client counts by its /64, of which it can use
/// any address. For all loops; the sum of entries is bounded: an address that finds no room is not limited.
/// </summary>
internal sealed class AddressTable
{
    private const int ShardCount = 16;
    private const int SweepSpacing = 1000;

    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly int _connections;
    private readonly int _rate;
    private readonly int _capacity;

    /// <param name="connections">At once of one address; 0: any number.</param>
    /// <param name="rate">New ones in a second of one address, and as many at once after a pause; 0: any number.</param>
    /// <param name="capacity">Addresses kept.</param>
    public AddressTable(int connections, int rate, int capacity)
    {
        _connections = connections;
        _rate = rate;
        _capacity = Math.Max(1, capacity / ShardCount);
        for (var i = 0; i < ShardCount; i++)
            _shards[i] = new Shard();
    }

    /// <summary>Whether anything is limited.</summary>
    public bool Limits => _connections > 0 || _rate > 0;

    /// <summary>Addresses kept now.</summary>
    public int Count => _shards.Sum(shard => Volatile.Read(ref shard.Count));

    /// <summary>What an address counts by.</summary>
    public static ulong KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily is AddressFamily.InterNetworkV6
            ? BinaryPrimitives.ReadUInt64BigEndian(bytes)
            : 0xffff_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes); // no /64 of anybody's begins so
    }

    /// <summary>One more connection.</summary>
    /// <param name="key">Of <see cref="KeyOf"/>.</param>
    /// <param name="now">Milliseconds on a steady clock.</param>
    /// <param name="counted">Whether <see cref="Leave"/> is to be called for it.</param>
    /// <returns>Why not, or null.</returns>
    public ConnectionRefusal? Enter(ulong key, long now, out bool counted)
    {
        counted = false;
        var shard = ShardOf(key);
        lock (shard)
        {
            if (!shard.Entries.ContainsKey(key) && shard.Entries.Count >= _capacity && !MakeRoom(shard, now))
                return null;
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(shard.Entries, key, out var known);
            if (!known)
                entry = new Entry { Tokens = _rate, Since = now };
            shard.Count = shard.Entries.Count;
            if (_connections > 0 && entry.Connections >= _connections)
                return ConnectionRefusal.TooManyConnections;
            if (_rate > 0)
            {
                entry.Tokens = TokensAt(entry, now);
                entry.Since = now;
                if (entry.Tokens < 1)
                    return ConnectionRefusal.TooFast;
                entry.Tokens--;
            }

            entry.Connections++;
            counted = true;
            return null;
        }
    }

    public void Leave(ulong key, long now)
    {
        var shard = ShardOf(key);
        lock (shard)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(shard.Entries, key);
            entry.Connections--; // is there: only entries without connections are taken away
            if (IsIdle(entry, now))
                shard.Entries.Remove(key);
            shard.Count = shard.Entries.Count;
        }
    }

    private Shard ShardOf(ulong key) => _shards[(int)((key * 0x9e37_79b9_7f4a_7c15) >> 60)];

    private double TokensAt(in Entry entry, long now) => Math.Min(_rate, entry.Tokens + (now - entry.Since) * (_rate / 1000.0));

    // Nothing is remembered of it that it would not have anew.
    private bool IsIdle(in Entry entry, long now) => entry.Connections == 0 && (_rate == 0 || TokensAt(entry, now) >= _rate);

    private bool MakeRoom(Shard shard, long now)
    {
        if (now - shard.Swept < SweepSpacing)
            return false;
        shard.Swept = now;
        foreach (var (key, entry) in shard.Entries)
        {
            if (IsIdle(entry, now))
                shard.Entries.Remove(key); // allowed while enumerating
        }

        return shard.Entries.Count < _capacity;
    }

    private struct Entry
    {
        public double Tokens;
        public long Since;
        public int Connections;
    }

    private sealed class Shard
    {
        public readonly Dictionary<ulong, Entry> Entries = [];
        public long Swept = long.MinValue / 2;
        public int Count;
    }
}
