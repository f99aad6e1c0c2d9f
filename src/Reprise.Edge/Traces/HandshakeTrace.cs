using System.Diagnostics;
using System.Security.Authentication;
using System.Text;
using Reprise.Core.Sessions;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Traces;

/// <summary>
/// The span of one handshake, with those of its lookup and of what it stores, which may end later. Names are OpenTelemetry's where it has
/// some. No ID, no server name and no address of a client.
/// </summary>
internal sealed class HandshakeTrace
{
    private readonly Activity _span;
    private readonly TimeProvider _time;

    private HandshakeTrace(Activity span, TimeProvider time)
    {
        _span = span;
        _time = time;
    }

    /// <summary>For links to it.</summary>
    public ActivityContext Context => _span.Context;

    /// <summary>Null if nobody wants it.</summary>
    public static HandshakeTrace? Begin(Handshake handshake, TimeProvider time) =>
        Start("tls.handshake", ActivityKind.Server, default, StartOf(handshake.StartedAt, time)) is { } span ? new HandshakeTrace(span, time) : null;

    /// <summary>The store has answered, or has not in time. From any thread.</summary>
    public void LookedUp(long started, CacheAnswer answer) => Record("session.lookup", started, HandshakeNames.Of(answer), answer.Faulted);

    /// <summary>The store has a session, or will not have it. From any thread.</summary>
    public void Stored(long started, bool stored) => Record("session.store", started, stored ? "ok" : "error", failed: !stored);

    public void Complete(Handshake handshake)
    {
        _span.SetTag("tls.protocol.name", "tls")
            .SetTag("tls.established", true)
            .SetTag("tls.resumed", handshake.Mode is not ResumptionMode.Full)
            .SetTag("tls.protocol.version", handshake.Protocol is SslProtocols.Tls13 ? "1.3" : "1.2")
            .SetTag("tls.cipher", handshake.Cipher)
            .SetTag("tls.curve", handshake.Group)
            .SetTag("reprise.profile", EdgeProfile.Of(handshake).Name)
            .SetTag("reprise.mode", HandshakeNames.Of(handshake.Mode));
        if (handshake.Mode is ResumptionMode.Full && handshake.Declined.ToName() is { } declined)
            _span.SetTag("reprise.declined", declined);
        if (!handshake.ApplicationProtocol.IsEmpty)
            _span.SetTag("tls.next_protocol", Encoding.ASCII.GetString(handshake.ApplicationProtocol.Span));
        if (handshake.Mode is not ResumptionMode.Full && handshake.SessionState is ResumedSession { Metadata: var session })
        {
            _span.SetTag("reprise.issuer", session.Issuer)
                .SetTag("reprise.epoch", session.Epoch)
                .SetTag("reprise.session.age", (long)session.AgeAt(_time.GetUtcNow()).TotalSeconds);
        }

        End();
    }

    /// <summary>Of no profile: the handshake may not have come to the choice of one.</summary>
    /// <param name="who">As the metric has it.</param>
    /// <param name="reason">OpenSSL's word.</param>
    public void Fail(string who, string? reason)
    {
        _span.SetTag("tls.protocol.name", "tls").SetTag("tls.established", false).SetTag("error.type", who).SetStatus(ActivityStatusCode.Error, reason);
        End();
    }

    private void Record(string name, long started, string result, bool failed)
    {
        if (Start(name, ActivityKind.Client, Context, StartOf(started, _time)) is not { } span)
            return;
        span.SetTag("db.system.name", "redis").SetTag("reprise.result", result);
        if (failed)
            span.SetStatus(ActivityStatusCode.Error);
        span.SetEndTime(_time.GetUtcNow().UtcDateTime);
        Stop(span);
    }

    private void End()
    {
        _span.SetEndTime(_time.GetUtcNow().UtcDateTime);
        Stop(_span);
    }

    // Spans here are nobody's surroundings: a loop goes from one connection to the next, and whatever began on it would inherit them.
    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent, DateTimeOffset from)
    {
        var former = Activity.Current;
        Activity.Current = null;
        try
        {
            return HandshakeTraces.Source.StartActivity(name, kind, parent, tags: null, links: null, from);
        }
        finally
        {
            Activity.Current = former;
        }
    }

    private static void Stop(Activity span)
    {
        var former = Activity.Current;
        span.Stop();
        Activity.Current = former;
    }

    private static DateTimeOffset StartOf(long timestamp, TimeProvider time) => time.GetUtcNow() - Stopwatch.GetElapsedTime(timestamp);
}
