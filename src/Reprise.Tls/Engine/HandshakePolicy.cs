namespace Reprise.Tls;

/// <summary>
/// What decides about handshakes: profiles, tickets, the session store. One object for all loops.
/// Every method runs on a loop inside an OpenSSL callback: it must not block. The two asynchronous ones begin there too, with a
/// <see cref="SynchronizationContext"/> that leads back to the loop: an await that keeps it costs no change of thread where its
/// answer comes in on a loop (<see cref="EventLoops.ConnectAsync"/>). What goes on there must not block either. An exception
/// costs the client its resumption or its connection, never the loop. Everything that comes from the client (names, IDs)
/// has any content.
/// </summary>
public abstract class HandshakePolicy
{
    /// <summary>
    /// The profile for this SNI (lower case; null: none was sent) on this listener, or null: the handshake ends with
    /// unrecognized_name.
    /// </summary>
    public abstract TlsProfile? Select(string? serverName, TlsEndPoint endPoint);

    /// <summary>Any profile: a connection starts with it until its ClientHello was read.</summary>
    public abstract TlsProfile Initial { get; }

    /// <summary>
    /// How long a session or ticket made now may live, and what the policy has to say of it. <see cref="NewTicket.State"/> is
    /// null for stateful sessions: their state goes with <see cref="StoreAsync"/>.
    /// </summary>
    public abstract NewTicket Describe(Handshake handshake, bool stateful);

    /// <summary>
    /// Whether a ticket that opened may be resumed. Sets <see cref="Handshake.SessionState"/> and <see cref="Handshake.OfferedClientRest"/>
    /// if so, else declines.
    /// </summary>
    public abstract bool Accept(Handshake handshake, ReadOnlySpan<byte> state);

    /// <summary>
    /// Looks up a session. Past the budget nobody waits for the answer any more, so it should know when to give up. Faults are
    /// values; an exception counts as <see cref="DeclineReason.StoreError"/>. May complete on any thread.
    /// </summary>
    /// <param name="handshake">Profile and name are set; not to be changed from another thread.</param>
    /// <param name="id">32 bytes or fewer, from the client.</param>
    /// <param name="singleUse">A TLS 1.3 handle: found once only.</param>
    public abstract ValueTask<FoundSession> FindAsync(Handshake handshake, ReadOnlyMemory<byte> id, bool singleUse);

    /// <summary>
    /// Asked when a session that <see cref="FindAsync"/> has found is about to be resumed, which may be much later: the client can
    /// take its time for a second ClientHello. None: it still may be.
    /// </summary>
    public virtual DeclineReason WhyNoMore(Handshake handshake) => DeclineReason.None;

    /// <summary>Stores a session; completes when other nodes can find it, or it is known that they will not. True if stored.</summary>
    public abstract ValueTask<bool> StoreAsync(Handshake handshake, NewSession session);

    /// <summary>A handshake completed.</summary>
    public virtual void Completed(Handshake handshake)
    {
    }

    /// <summary>A handshake ended otherwise.</summary>
    /// <param name="handshake">As far as it came; null: not even to its begin.</param>
    /// <param name="failure">Who failed.</param>
    /// <param name="reason">OpenSSL's word, for a debug log.</param>
    public virtual void Failed(Handshake? handshake, HandshakeFailure failure, string? reason)
    {
    }

    /// <summary>A connection was closed before its handshake began.</summary>
    public virtual void Refused(ConnectionRefusal reason)
    {
    }

    /// <summary>The client was told of a session before the store had it: past the budget, or the store failed.</summary>
    public virtual void NotStored(Handshake handshake)
    {
    }
}
