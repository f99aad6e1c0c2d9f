using System.Diagnostics;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Reprise.Core.Sessions;
using Reprise.Edge.Hosting;
using Reprise.Edge.Keys;
using Reprise.Edge.Limits;
using Reprise.Edge.Profiles;
using Reprise.Edge.Traces;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>Brings profiles, ticket keys and the session cache to the TLS engine.</summary>
internal sealed partial class EdgeHandshakePolicy : HandshakePolicy
{
    private const ushort Tls12 = 0x0303;
    private const ushort Tls13 = 0x0304;

    private readonly CurrentProfiles _profiles;
    private readonly EpochUses _uses;
    private readonly HandshakeMetrics _metrics;
    private readonly HandshakeTraces _traces;
    private readonly TimeProvider _time;
    private readonly ILogger<EdgeHandshakePolicy> _logger;
    private readonly string _node;
    private readonly RefusalLog _refusals;
    private readonly DeclineLog _declines;

    public EdgeHandshakePolicy(
        CurrentProfiles profiles, EpochUses uses, HandshakeMetrics metrics, HandshakeTraces traces, TimeProvider time,
        IOptions<EdgeOptions> options, ILogger<EdgeHandshakePolicy> logger)
    {
        _profiles = profiles;
        _uses = uses;
        _metrics = metrics;
        _traces = traces;
        _time = time;
        _logger = logger;
        _node = options.Value.Node;
        _refusals = new RefusalLog(logger, time);
        _declines = new DeclineLog(options.Value.DeclinesLoggedPerSecond, logger, time);
    }

    public override TlsProfile Initial => (_profiles.Table is { Default: { } profile } ? profile : _profiles.Table.All[0]).Tls;

    public override TlsProfile? Select(string? serverName, TlsEndPoint endPoint) => _profiles.Table.On(endPoint.Name).Find(serverName)?.Tls;

    public override NewTicket Describe(Handshake handshake, bool stateful)
    {
        var now = _time.GetUtcNow();
        var profile = EdgeProfile.Of(handshake);
        var original = handshake.SessionState is ResumedSession resumed ? resumed.Metadata.OriginalHandshake : now;
        var epoch = stateful ? profile.Keys?.Ring.SealingAt(now)?.Epoch : profile.Keys?.Ring.FindEpoch(handshake.SealingKey!.Epoch)?.Epoch;
        var lifetime = Least(
            Least(profile.Options.Resumption.SessionTimeout, profile.Options.Resumption.MaxSessionAge - (now - original)),
            epoch?.OpenUntil - now ?? TimeSpan.Zero);
        if (stateful)
            return new NewTicket(lifetime, null);
        _uses.Sealed(handshake.SealingKey!.Epoch);
        var metadata = new SessionMetadata(original, _node, handshake.SealingKey.Epoch, Version(handshake));
        return new NewTicket(lifetime, new TicketState(metadata, handshake.Client?.Rest ?? default).ToBytes());
    }

    public override bool Accept(Handshake handshake, ReadOnlySpan<byte> state)
    {
        if (!TicketState.TryParse(state, out var ticket))
        {
            handshake.Decline(DeclineReason.UnknownKey); // sealed under our key, but not by this software
            return false;
        }

        handshake.OfferedClientRest = ticket.ClientRest;
        return Accept(handshake, ticket.Metadata);
    }

    public override async ValueTask<FoundSession> FindAsync(Handshake handshake, ReadOnlyMemory<byte> id, bool singleUse)
    {
        var profile = EdgeProfile.Of(handshake);
        if (profile.Sessions is not { } sessions)
            return FoundSession.Declined(DeclineReason.Policy);
        var trace = _traces.Of(handshake);
        var started = Stopwatch.GetTimestamp();
        var answer = singleUse
            ? await sessions.TakeAsync(SessionKey.OfHandle(id.Span)).ConfigureAwait(false)
            : await sessions.GetAsync(SessionKey.OfSessionId(id.Span)).ConfigureAwait(false);
        _metrics.LookedUp(Stopwatch.GetElapsedTime(started), answer);
        trace?.LookedUp(started, answer);
        if (answer.Value is null)
            return FoundSession.Declined(DeclineReasons.Of(answer));
        // Not before: a purge that this node has acknowledged meanwhile holds for this session too.
        if (profile.Keys?.Ring is not { } ring)
            return FoundSession.Declined(DeclineReason.UnknownKey);
        var now = _time.GetUtcNow();
        var opened = SealedSession.Open(ring, id.Span, answer.Value, now, out var record);
        if (opened is not OpenResult.Opened)
            return FoundSession.Declined(DeclineReasons.Of(opened));
        if (record!.Metadata.AgeAt(now) > profile.Options.Resumption.MaxSessionAge)
            return FoundSession.Declined(DeclineReason.Expired);
        return new FoundSession(record.Der, new ResumedSession(record.Metadata, ring.Purge), DeclineReason.None, record.ClientRest);
    }

    public override DeclineReason WhyNoMore(Handshake handshake)
    {
        if (handshake.SessionState is not ResumedSession { Purge: { } purge } session || EdgeProfile.Of(handshake).Keys?.Ring is not { } ring)
            return DeclineReason.None;
        if (purge < ring.Purge)
            return DeclineReason.StoreMiss;
        // Its epoch was revoked, or is past its life, since the session was opened.
        var epoch = session.Metadata.Epoch;
        return ring.FindEpoch(epoch) is not null ? DeclineReason.None
            : ring.FindListed(epoch)?.IsPast(_time.GetUtcNow()) is true ? DeclineReason.Retired : DeclineReason.UnknownKey;
    }

    public override async ValueTask<bool> StoreAsync(Handshake handshake, NewSession session)
    {
        var now = _time.GetUtcNow();
        var profile = EdgeProfile.Of(handshake);
        // Of this moment: what was switched off since the ClientHello stores nothing more.
        if (profile.Sessions is not { } sessions || profile.Keys is not { Resumption.Stateful: true } current || current.Ring.SealingAt(now) is not { } keys)
            return false;
        var former = handshake.SessionState as ResumedSession;
        if (former?.Purge < keys.Purge)
            return false; // opened just before a purge: a renewal must not carry it over
        var original = former?.Metadata.OriginalHandshake ?? now;
        var metadata = new SessionMetadata(original, _node, keys.Epoch.Number, session.TlsVersion);
        byte[] value;
        try
        {
            value = SealedSession.Seal(keys, session.Id, new SessionRecord(metadata, session.Der) { ClientRest = handshake.Client?.Rest ?? default }, now);
        }
        catch (ObjectDisposedException)
        {
            return false; // its epoch was revoked at this very moment
        }

        var timeToLive = Least(session.Lifetime, keys.Epoch.OpenUntil - now ?? session.Lifetime);
        _uses.Sealed(keys.Epoch.Number);
        var trace = _traces.Of(handshake);
        var started = Stopwatch.GetTimestamp();
        var singleUse = session.TlsVersion == Tls13;
        var key = singleUse ? SessionKey.OfHandle(session.Id) : SessionKey.OfSessionId(session.Id);
        var stored = await sessions.SetAsync(key, value, timeToLive, singleUse).ConfigureAwait(false);
        _metrics.Stored(Stopwatch.GetElapsedTime(started), stored);
        trace?.Stored(started, stored);
        return stored;
    }

    public override void Completed(Handshake handshake)
    {
        if (handshake.Mode is not ResumptionMode.Full && handshake.SessionState is ResumedSession resumed)
        {
            _uses.Opened(resumed.Metadata.Epoch);
            _metrics.Resumed(resumed.Metadata.Issuer, handshake.Mode, resumed.Metadata.AgeAt(_time.GetUtcNow()));
        }

        _metrics.Completed(handshake);
        _traces.Of(handshake)?.Complete(handshake);
        if (handshake.Mode is ResumptionMode.Full)
            _declines.Note(handshake.Declined, handshake.Offered, handshake.Protocol, EdgeProfile.Of(handshake).Name);
    }

    public override void Failed(Handshake? handshake, HandshakeFailure failure, string? reason)
    {
        if (handshake is not null)
            _traces.Of(handshake)?.Fail(HandshakeNames.Of(failure), reason);
        _metrics.Failed(failure);
        if (failure is HandshakeFailure.Internal)
            Log.InternalFailure(_logger, reason);
        else
            Log.ClientFailure(_logger, failure, reason);
    }

    public override void Refused(ConnectionRefusal reason)
    {
        _metrics.Refused(reason);
        _refusals.Note(reason);
    }

    public override void NotStored(Handshake handshake) => _metrics.NotStored();

    private bool Accept(Handshake handshake, SessionMetadata metadata)
    {
        if (metadata.AgeAt(_time.GetUtcNow()) > EdgeProfile.Of(handshake).Options.Resumption.MaxSessionAge)
        {
            handshake.Decline(DeclineReason.Expired);
            return false;
        }

        handshake.SessionState = new ResumedSession(metadata, Purge: null);
        return true;
    }

    private static ushort Version(Handshake handshake) => handshake.Protocol is SslProtocols.Tls13 ? Tls13 : Tls12;

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(3101, LogLevel.Debug, "Handshake not completed ({Failure}): {Reason}")]
        public static partial void ClientFailure(ILogger logger, HandshakeFailure failure, string? reason);

        [LoggerMessage(3102, LogLevel.Error, "Handshake not completed by a fault of ours: {Reason}")]
        public static partial void InternalFailure(ILogger logger, string? reason);
    }
}
