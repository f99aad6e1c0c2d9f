using System.Security.Authentication;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Everything that decides whether a session is offered, found, resumed and issued; called back by OpenSSL.</summary>
internal sealed unsafe partial class ServerConnection
{
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(7); // RFC 8446 section 4.6.1

    private bool _planned;
    private bool _issues; // whether this handshake may tell the client of a session to come back with
    private bool _issuesStateful;
    private byte[]? _lookupId;
    private ValueTask<FoundSession> _lookup;
    private byte[]? _foundDer;
    private ResumptionMode _candidate;
    private long _candidateUntil; // Unix seconds

    /// <summary>The lookup that a parked handshake waits for; to be taken once, then answered by <see cref="Resume"/>.</summary>
    public ValueTask<FoundSession> TakeLookup()
    {
        var lookup = _lookup;
        _lookup = default;
        return lookup;
    }

    /// <summary>What the lookup found; the handshake can advance.</summary>
    public void Resume(FoundSession found)
    {
        if (found.Der is { } der)
        {
            _foundDer = der;
            Handshake.SessionState = found.State;
            Handshake.OfferedClientRest = found.ClientRest;
        }
        else
        {
            Handshake.Decline(found.Reason is DeclineReason.None ? DeclineReason.StoreMiss : found.Reason);
        }
    }

    public int OnClientHello(int* alert)
    {
        // Called again when a parked handshake goes on, and for the second ClientHello after a HelloRetryRequest: what was
        // decided and looked up then still holds.
        if (_planned)
            return LibSsl.SSL_CLIENT_HELLO_SUCCESS;
        _planned = true;

        var hello = new ClientHello(_ssl);
        Handshake.ServerName = hello.ServerName;
        if (_policy.Select(Handshake.ServerName, Handshake.EndPoint) is not { } profile)
        {
            Failure = HandshakeFailure.UnknownName;
            FailureReason = "no profile for this name";
            *alert = LibSsl.SSL_AD_UNRECOGNIZED_NAME;
            return LibSsl.SSL_CLIENT_HELLO_ERROR;
        }

        Use(profile);
        if (hello.OffersTls13 && profile.Options.Tls13Enabled)
            PlanTls13(hello, profile);
        else
            PlanTls12(hello, profile);
        return Lookup();
    }

    private void Use(TlsProfile profile)
    {
        var initial = Handshake.Profile;
        Handshake.Profile = profile;
        if (profile != initial)
        {
            // Certificates, what is stapled, ALPN and ciphers follow the context; the rest was copied from the initial one by SSL_new.
            if (profile.Context.Lend(_ssl, LibSsl.SSL_set_SSL_CTX) == 0)
                throw OpenSslException.FromQueue("SSL_set_SSL_CTX");
            if (profile.Options.Groups != initial.Options.Groups)
            {
                fixed (byte* groups = profile.GroupsText)
                    Require(LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_SET_GROUPS_LIST, 0, groups), "SSL_set1_groups_list");
            }

            if (profile.Options.Tls12Enabled != initial.Options.Tls12Enabled || profile.Options.Tls13Enabled != initial.Options.Tls13Enabled)
            {
                var minimum = profile.Options.Tls12Enabled ? LibSsl.TLS1_2_VERSION : LibSsl.TLS1_3_VERSION;
                var maximum = profile.Options.Tls13Enabled ? LibSsl.TLS1_3_VERSION : LibSsl.TLS1_2_VERSION;
                Require(LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, minimum, null), "SSL_set_min_proto_version");
                Require(LibSsl.SSL_ctrl(_ssl, LibSsl.SSL_CTRL_SET_MAX_PROTO_VERSION, maximum, null), "SSL_set_max_proto_version");
            }
        }

        AskForClient(profile);
        fixed (byte* context = profile.Options.SessionIdContext.Span)
            _ = LibSsl.SSL_set_session_id_context(_ssl, context, 32);
    }

    // What is not taken over would be the first profile's: better no connection.
    private static void Require(nint done, string call)
    {
        if (done != 1)
            throw OpenSslException.FromQueue(call);
    }

    private void PlanTls13(ClientHello hello, TlsProfile profile)
    {
        var resumption = profile.Resumption;
        var keys = resumption.Stateless ? resumption.TicketKeys : null;
        _issuesStateful = resumption.Tls13 is Tls13ResumptionMode.Stateful && resumption.Stateful;
        if (resumption.Tls13 is Tls13ResumptionMode.Stateless)
            Handshake.SealingKey = keys?.Sealing();
        _issues = _issuesStateful || Handshake.SealingKey is not null;
        _ = LibSsl.SSL_set_num_tickets(_ssl, _issues ? (nuint)profile.Options.TicketsPerHandshake : 0);

        if (!hello.TryGetPreSharedKeys(out var handle))
        {
            // A client of both versions that holds a session of the older one. (Its session ID tells nothing: RFC 8446 appendix D.4.)
            if (hello.TryGetTicket(out var older) && !older.IsEmpty)
                OfferOfAnotherVersion(OfferedSession.Ticket);
            return;
        }

        Handshake.Offered = handle.IsEmpty ? OfferedSession.Ticket : OfferedSession.Handle;
        if (!hello.OffersPskWithDhe)
        {
            Handshake.Decline(DeclineReason.Policy); // OpenSSL will not look at it, and what is single-use must not be used up
            return;
        }

        if (handle.IsEmpty)
        {
            if (!resumption.Stateless)
                Handshake.Decline(DeclineReason.Policy);
            return;
        }

        // Told by this option, OpenSSL takes identities for handles; OnMakeTicket decides anew for what is issued.
        _ = LibSsl.SSL_set_options(_ssl, LibSsl.SSL_OP_NO_TICKET);
        if (resumption.Stateful)
            _lookupId = handle.ToArray();
        else
            Handshake.Decline(DeclineReason.Policy);
    }

    private void PlanTls12(ClientHello hello, TlsProfile profile)
    {
        var resumption = profile.Resumption;
        var keys = resumption.Stateless ? resumption.TicketKeys : null;
        var sealing = keys?.Sealing();
        var id = hello.SessionId;
        var hasTicket = hello.TryGetTicket(out var ticket);
        // Without a key to seal with, an offered ticket may still open; but a client that has none is better off with an ID.
        var useTickets = hasTicket && keys is not null && (sealing is not null || !ticket.IsEmpty);
        if (useTickets)
            Handshake.SealingKey = sealing;
        else
            _ = LibSsl.SSL_set_options(_ssl, LibSsl.SSL_OP_NO_TICKET);
        _issuesStateful = !useTickets && resumption.Stateful;
        _issues = useTickets ? sealing is not null : resumption.Stateful;
        if (!_issues)
            Callbacks.IssueNothing(_ssl);

        if (!ticket.IsEmpty)
        {
            Handshake.Offered = OfferedSession.Ticket; // RFC 5077 section 3.4: the session ID is then the client's own marker
            if (!resumption.Stateless)
                Handshake.Decline(DeclineReason.Policy);
            else if (keys is null)
                Handshake.Decline(DeclineReason.UnknownKey);
        }
        else if (hello.TryGetPreSharedKeys(out var handle))
        {
            OfferOfAnotherVersion(handle.IsEmpty ? OfferedSession.Ticket : OfferedSession.Handle); // and so its session ID is made up
        }
        else if (!id.IsEmpty)
        {
            Handshake.Offered = OfferedSession.SessionId;
            if (resumption.Stateful)
                _lookupId = id.ToArray();
            else
                Handshake.Decline(DeclineReason.Policy);
        }
    }

    private void OfferOfAnotherVersion(OfferedSession offered)
    {
        Handshake.Offered = offered;
        Handshake.Decline(DeclineReason.Policy);
    }

    private int Lookup()
    {
        if (_lookupId is null)
            return LibSsl.SSL_CLIENT_HELLO_SUCCESS;
        ValueTask<FoundSession> lookup;
        try
        {
            lookup = Find(_lookupId);
            if (!lookup.IsCompleted)
            {
                _lookup = lookup;
                return LibSsl.SSL_CLIENT_HELLO_RETRY;
            }

            Resume(lookup.GetAwaiter().GetResult());
        }
        catch (Exception)
        {
            Handshake.Decline(DeclineReason.StoreError); // never a handshake failure (DESIGN §7.11)
        }

        return LibSsl.SSL_CLIENT_HELLO_SUCCESS;
    }

    // Under the loop's context, here and in Store: what the policy awaits may then go on on this very thread (HandshakePolicy).
    private ValueTask<FoundSession> Find(byte[] id)
    {
        var former = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_io.Context);
        try
        {
            return _policy.FindAsync(Handshake, id, singleUse: Handshake.Offered is OfferedSession.Handle);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(former);
        }
    }

    public nint OnGetSession(ReadOnlySpan<byte> id)
    {
        if (_foundDer is null || !id.SequenceEqual(_lookupId))
            return 0;
        fixed (byte* der = _foundDer)
        {
            var cursor = der;
            var session = LibSsl.d2i_SSL_SESSION(null, &cursor, _foundDer.Length); // owned; OpenSSL takes it with *copy = 0
            if (session == 0)
            {
                LibCrypto.ERR_clear_error();
                Handshake.Decline(DeclineReason.StoreError);
                return 0;
            }

            var reason = WhyNot(session);
            if (reason is DeclineReason.None)
                reason = _policy.WhyNoMore(Handshake);
            if (reason is DeclineReason.None)
                reason = WhyNotClient(session);
            if (reason is not DeclineReason.None)
            {
                LibSsl.SSL_SESSION_free(session);
                Handshake.Decline(reason);
                return 0;
            }

            _candidate = ResumptionMode.Stateful;
            return session;
        }
    }

    public int OnTicketKey(byte* name, byte* iv, nint cipher, nint mac, bool seal)
    {
        if (seal)
            return Seal(name, iv, cipher, mac);
        // Of this moment, not of the ClientHello: what was revoked or switched off meanwhile does not open.
        var resumption = Handshake.Profile.Resumption;
        if (!resumption.Stateless || resumption.TicketKeys is not { } keys)
        {
            Handshake.Decline(resumption.Stateless ? DeclineReason.UnknownKey : DeclineReason.Policy);
            return 0;
        }

        if (keys.Find(new ReadOnlySpan<byte>(name, TicketKey.NameLength), out var why) is not { } key)
        {
            Handshake.Decline(why);
            return 0;
        }

        Handshake.OpeningKey = key;
        return TicketCipher.Open(key, iv, cipher, mac);
    }

    private int Seal(byte* name, byte* iv, nint cipher, nint mac)
    {
        var done = Handshake.SealingKey is { } key ? TicketCipher.Seal(key, name, iv, cipher, mac) : 0;
        if (done != 0)
            return done;
        Handshake.SealingKey = null;
        // Destroyed since the ClientHello. In TLS 1.2 an empty ticket is the way to send none (RFC 5077 section 3.3).
        return LibSsl.SSL_version(_ssl) == LibSsl.TLS1_3_VERSION ? TicketCipher.SealForNobody(name, iv, cipher, mac) : 0;
    }

    public int OnTicketOpened(nint session, int status)
    {
        if (status is not (LibSsl.SSL_TICKET_SUCCESS or LibSsl.SSL_TICKET_SUCCESS_RENEW))
        {
            if (status == LibSsl.SSL_TICKET_NO_DECRYPT)
                Handshake.Decline(DeclineReason.UnknownKey);
            return LibSsl.SSL_TICKET_RETURN_IGNORE_RENEW;
        }

        byte* state;
        nuint length;
        if (LibSsl.SSL_SESSION_get0_ticket_appdata(session, (byte**)&state, &length) != 1)
            length = 0;
        if (WhyNot(session) is var reason and not DeclineReason.None)
        {
            Handshake.Decline(reason);
            return LibSsl.SSL_TICKET_RETURN_IGNORE_RENEW;
        }

        Handshake.OfferedClientRest = default; // of an earlier ticket in the same hello
        if (!_policy.Accept(Handshake, new ReadOnlySpan<byte>(state, (int)length)))
        {
            Handshake.Decline(DeclineReason.Policy);
            return LibSsl.SSL_TICKET_RETURN_IGNORE_RENEW;
        }

        if (WhyNotClient(session) is var unfit and not DeclineReason.None)
        {
            Handshake.Decline(unfit);
            return LibSsl.SSL_TICKET_RETURN_IGNORE_RENEW;
        }

        _candidate = ResumptionMode.Stateless;
        // TLS 1.3: a new ticket with each handshake. TLS 1.2: only when the key that opened it seals no more.
        var renew = _issues && (LibSsl.SSL_version(_ssl) == LibSsl.TLS1_3_VERSION || Handshake.OpeningKey != Handshake.SealingKey);
        return renew ? LibSsl.SSL_TICKET_RETURN_USE_RENEW : LibSsl.SSL_TICKET_RETURN_USE;
    }

    public void OnMakeTicket()
    {
        if (!_issuesStateful && Handshake.SealingKey is null)
            return; // given up since the ClientHello: what OpenSSL sends now opens for nobody
        ForgetUnlessResumed();
        IdentifyClient();
        var tls13 = LibSsl.SSL_version(_ssl) == LibSsl.TLS1_3_VERSION;
        if (tls13)
        {
            _ = _issuesStateful
                ? LibSsl.SSL_set_options(_ssl, LibSsl.SSL_OP_NO_TICKET)
                : LibSsl.SSL_clear_options(_ssl, LibSsl.SSL_OP_NO_TICKET);
        }

        Handshake.Protocol = tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12;
        var session = LibSsl.SSL_get_session(_ssl); // borrowed; what is being put into the ticket
        var ticket = _policy.Describe(Handshake, _issuesStateful);
        // A TLS 1.2 session keeps the time of its full handshake, and with it its timeout; a TLS 1.3 one starts anew.
        if (tls13 || _candidate is ResumptionMode.Full)
            SetLifetime(session, ticket.Lifetime);
        if (ticket.State is { } state)
        {
            fixed (byte* start = state)
            {
                if (LibSsl.SSL_SESSION_set1_ticket_appdata(session, start, (nuint)state.Length) != 1)
                    throw OpenSslException.FromQueue("SSL_SESSION_set1_ticket_appdata");
            }
        }
    }

    // What was found and then not resumed, by OpenSSL's own checks, must not give its age to the session of the full handshake.
    private void ForgetUnlessResumed()
    {
        if (LibSsl.SSL_session_reused(_ssl) != 1)
            Handshake.SessionState = null;
    }

    public void OnNewSession(nint session)
    {
        ForgetUnlessResumed();
        if (!_issuesStateful)
            return; // TLS 1.3 reports sealed tickets too
        IdentifyClient();
        var tls13 = LibSsl.SSL_version(_ssl) == LibSsl.TLS1_3_VERSION;
        var lifetime = tls13 ? TimeSpan.FromSeconds(LibSsl.SSL_SESSION_get_timeout(session)) : _policy.Describe(Handshake, stateful: true).Lifetime;
        if (!tls13)
            SetLifetime(session, lifetime);
        uint length;
        var id = LibSsl.SSL_SESSION_get_id(session, &length);
        var size = LibSsl.i2d_SSL_SESSION(session, null);
        if (length == 0 || size <= 0)
            return;
        var der = new byte[size];
        fixed (byte* start = der)
        {
            var cursor = start;
            _ = LibSsl.i2d_SSL_SESSION(session, &cursor);
        }

        var version = (ushort)(tls13 ? LibSsl.TLS1_3_VERSION : LibSsl.TLS1_2_VERSION);
        var stored = Store(new NewSession(new ReadOnlySpan<byte>(id, (int)length).ToArray(), der, version, lifetime));
        Storing = Storing is null ? stored : Both(Storing, stored);
    }

    private Task<bool> Store(NewSession session)
    {
        var former = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_io.Context);
        try
        {
            return _policy.StoreAsync(Handshake, session).AsTask();
        }
        catch (Exception)
        {
            return Task.FromResult(false); // counted as not stored; never a handshake failure (DESIGN §7.11)
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(former);
        }
    }

    private static Task<bool> Both(Task<bool> one, Task<bool> other) =>
        Task.WhenAll(one, other).ContinueWith(
            static both => both.Result[0] && both.Result[1],
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private static void SetLifetime(nint session, TimeSpan lifetime)
    {
        var seconds = Math.Clamp((long)lifetime.TotalSeconds, 1, (long)LongestLifetime.TotalSeconds);
        _ = LibSsl.SSL_SESSION_set_timeout(session, (nint)seconds);
    }

    // OpenSSL checks all of this again, but does not say what was wrong.
    private DeclineReason WhyNot(nint session)
    {
        uint length;
        var context = LibSsl.SSL_SESSION_get0_id_context(session, &length);
        if (!Handshake.Profile.Options.SessionIdContext.Span.SequenceEqual(new ReadOnlySpan<byte>(context, (int)length)))
            return DeclineReason.Scope;
        if (LibSsl.SSL_SESSION_get_protocol_version(session) != LibSsl.SSL_version(_ssl))
            return DeclineReason.Policy;
        _candidateUntil = LibSsl.SSL_SESSION_get_time(session) + LibSsl.SSL_SESSION_get_timeout(session);
        return IsCandidatePast() ? DeclineReason.Expired : DeclineReason.None;
    }

    private bool IsCandidatePast() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > _candidateUntil;

    /// <summary>
    /// A session that would have done, and that OpenSSL's own checks have refused, which do not say why: its time ran out in between; RFC 7627
    /// section 5.3 in TLS 1.2; the hash of the cipher suite in TLS 1.3. Or one that OpenSSL has not asked for at all.
    /// </summary>
    private DeclineReason WhyNotAfterAll() => _candidate switch
    {
        ResumptionMode.Full => DeclineReason.Policy,
        _ when IsCandidatePast() => DeclineReason.Expired,
        _ => LibSsl.SSL_version(_ssl) == LibSsl.TLS1_3_VERSION ? DeclineReason.Cipher : DeclineReason.Ems,
    };
}
