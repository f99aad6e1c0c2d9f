using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Reprise.Edge.Handshakes;
using Reprise.Testing;
using Reprise.Tls;

namespace Reprise.Edge.Tests.Handshakes;

public sealed class DeclineLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Note_ManyInASecond_IsALineOfEachReasonAndTheNumberOfTheRest()
    {
        var log = Log(1);
        for (var i = 0; i < 500; i++)
        {
            log.Note(DeclineReason.StoreMiss, OfferedSession.SessionId, SslProtocols.Tls12, "shop");
            log.Note(DeclineReason.Spent, OfferedSession.Handle, SslProtocols.Tls13, "bank");
        }

        Assert.Equal(2, _log.Lines.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        log.Note(DeclineReason.StoreMiss, OfferedSession.SessionId, SslProtocols.Tls12, "shop");
        log.Note(DeclineReason.UnknownKey, OfferedSession.Ticket, SslProtocols.Tls13, "shop");

        Assert.Equal(
            [
                "Session declined: store_miss; offered session_id (stateful), TLSv1.2, profile shop; 0 more",
                "Session declined: spent; offered handle (stateful), TLSv1.3, profile bank; 0 more",
                "Session declined: store_miss; offered session_id (stateful), TLSv1.2, profile shop; 499 more",
                "Session declined: unknown_key; offered ticket (stateless), TLSv1.3, profile shop; 0 more",
            ],
            _log.Lines.Select(line => line.Text[..(line.Text.IndexOf(" more", StringComparison.Ordinal) + 5)]));
    }

    [Fact]
    public void Note_OfManyLoopsAtOnce_LosesNone()
    {
        var log = Log(100);
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1000; i++)
                log.Note(DeclineReason.Expired, OfferedSession.Ticket, SslProtocols.Tls12, "shop");
        });
        _time.Advance(TimeSpan.FromMilliseconds(10));
        log.Note(DeclineReason.Expired, OfferedSession.Ticket, SslProtocols.Tls12, "shop");

        Assert.Equal(2, _log.Lines.Count);
        Assert.Contains("; 7999 more of this reason", _log.Lines.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Note_SwitchedOffOrNothingOffered_IsNoLine()
    {
        Log(0).Note(DeclineReason.Scope, OfferedSession.Ticket, SslProtocols.Tls12, "shop");
        Log(1).Note(DeclineReason.None, OfferedSession.None, SslProtocols.Tls12, "shop");

        Assert.Empty(_log.Lines);
    }

    private DeclineLog Log(int perSecond) => new(perSecond, new LoggerFactory([_log]).CreateLogger<DeclineLogTests>(), _time);
}
