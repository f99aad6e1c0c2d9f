using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Reprise.Tls.Tests;

/// <summary>A policy over a dictionary and fixed ticket keys; two servers that share one are a cluster.</summary>
internal sealed class TestPolicy(SharedState shared, params TlsProfile[] profiles) : HandshakePolicy, IDisposable
{
    private static readonly byte[] TicketState = [.. "state"u8];

    public ConcurrentQueue<Handshake> Handshakes { get; } = new();

    public ConcurrentQueue<(HandshakeFailure Failure, string? Reason)> Failures { get; } = new();

    public ConcurrentQueue<ConnectionRefusal> Refusals { get; } = new();

    /// <summary>How often a client was told of a session before the store had it.</summary>
    public int NotStoredCount => _notStored;

    private int _notStored;

    /// <summary>Runs in <see cref="Describe"/>: while OpenSSL makes a ticket.</summary>
    public Action<Handshake>? Describing { get; set; }

    public Action<Handshake>? Completing { get; set; }

    public Action? Failing { get; set; }

    /// <summary>Gets every handshake that comes to <see cref="Completed"/>.</summary>
    public Action<Handshake>? Seen { get; set; }

    public Action? Selecting { get; set; }

    public Action? Accepting { get; set; }

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(1);

    public bool Accepts { get; set; } = true;

    public override TlsProfile Initial => profiles[0];

    public override TlsProfile? Select(string? serverName, TlsEndPoint endPoint)
    {
        Selecting?.Invoke();
        foreach (var profile in profiles)
        {
            if (profile.Options.Name == serverName)
                return profile;
        }

        return serverName == "unknown.test" ? null : profiles[0];
    }

    public override NewTicket Describe(Handshake handshake, bool stateful)
    {
        Describing?.Invoke(handshake);
        return new(Lifetime, stateful ? null : [.. TicketState, .. (handshake.Client?.Rest ?? default).Span]);
    }

    public override bool Accept(Handshake handshake, ReadOnlySpan<byte> state)
    {
        Accepting?.Invoke();
        if (!Accepts || !state.StartsWith(TicketState))
            return false;
        handshake.OfferedClientRest = state[TicketState.Length..].ToArray();
        return true;
    }

    public override async ValueTask<FoundSession> FindAsync(Handshake handshake, ReadOnlyMemory<byte> id, bool singleUse)
    {
        Interlocked.Increment(ref shared.Lookups);
        if (shared.LookupDelay is { } delay)
            await delay();
        else if (shared.Asynchronous)
            await Task.Yield();
        var key = Convert.ToHexString(id.Span);
        if (shared.Faulty)
            throw new InvalidOperationException("The store is at fault.");
        var found = singleUse ? shared.Sessions.TryRemove(key, out var der) : shared.Sessions.TryGetValue(key, out der);
        shared.ClientRests.TryGetValue(key, out var rest);
        return found ? new FoundSession(der, null, DeclineReason.None, rest) : FoundSession.Declined(DeclineReason.StoreMiss);
    }

    public override async ValueTask<bool> StoreAsync(Handshake handshake, NewSession session)
    {
        if (shared.StoreDelay is { } delay)
            await delay();
        else if (shared.Asynchronous)
            await Task.Yield();
        if (shared.Faulty)
            throw new InvalidOperationException("The store is at fault.");
        if (handshake.Client is { } client)
            shared.ClientRests[Convert.ToHexString(session.Id)] = client.Rest;
        shared.Sessions[Convert.ToHexString(session.Id)] = session.Der;
        return true;
    }

    public override void Completed(Handshake handshake)
    {
        Handshakes.Enqueue(handshake);
        Seen?.Invoke(handshake);
        Completing?.Invoke(handshake);
    }

    public override void Failed(Handshake? handshake, HandshakeFailure failure, string? reason)
    {
        Failures.Enqueue((failure, reason));
        Failing?.Invoke();
    }

    public override void Refused(ConnectionRefusal reason) => Refusals.Enqueue(reason);

    public override void NotStored(Handshake handshake) => Interlocked.Increment(ref _notStored);

    public void Dispose()
    {
        foreach (var profile in profiles)
            profile.Dispose();
    }
}

/// <summary>What the nodes of a test share.</summary>
internal sealed class SharedState : IDisposable
{
    public ConcurrentDictionary<string, byte[]> Sessions { get; } = new();

    /// <summary>Of those sessions that have one: see <see cref="FoundSession.ClientRest"/>.</summary>
    public ConcurrentDictionary<string, ReadOnlyMemory<byte>> ClientRests { get; } = new();

    public bool Asynchronous { get; set; } = true;

    public Func<Task>? LookupDelay { get; set; }

    public Func<Task>? StoreDelay { get; set; }

    /// <summary>Lookups and stores throw.</summary>
    public bool Faulty { get; set; }

    public int Lookups;

    public TestTicketKeys Keys { get; } = new();

    public void Dispose() => Keys.Dispose();
}

internal sealed class TestTicketKeys : TicketKeys, IDisposable
{
    private readonly List<TicketKey> _keys = [];

    public TestTicketKeys() => Rotate();

    public bool Seals { get; set; } = true;

    public void Rotate()
    {
        lock (_keys)
        {
            _keys.Insert(0, new TicketKey(_keys.Count + 1, RandomNumberGenerator.GetBytes(16), RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)));
        }
    }

    /// <summary>Destroys and forgets all keys, as a revocation does.</summary>
    public void Destroy()
    {
        lock (_keys)
        {
            _keys.ForEach(key => key.Dispose());
            _keys.Clear();
        }
    }

    public override TicketKey? Sealing()
    {
        lock (_keys)
            return Seals && _keys.Count > 0 ? _keys[0] : null;
    }

    public override TicketKey? Find(ReadOnlySpan<byte> name, out DeclineReason why)
    {
        lock (_keys)
        {
            foreach (var key in _keys)
            {
                if (key.Name.SequenceEqual(name))
                {
                    why = DeclineReason.None;
                    return key;
                }
            }
        }

        why = DeclineReason.UnknownKey;
        return null;
    }

    public void Dispose()
    {
        foreach (var key in _keys)
            key.Dispose();
    }
}
