using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Resumption;

/// <summary>How long sessions live: since they were issued, and since the full handshake that they began with.</summary>
public sealed class LifetimeTests(EdgeWorld world) : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Session_PastItsTimeoutOrAge_IsAFullHandshake()
    {
        var settings = world.Settings("edge-7");
        foreach (var (profile, setting) in new[] { ("stateful", "SessionTimeout"), ("stateless", "SessionTimeout"), ("default", "MaxSessionAge") })
            settings.With($"Profiles:{profile}:Resumption:{setting}", "00:00:03");
        await using var edge = await world.StartEdgeAsync(settings);

        // At once, so that they wait together.
        await Task.WhenAll(
            ExpiresAsync(edge, "1.2", EdgeSettings.Stateless, false, "stateless", "expired"),
            ExpiresAsync(edge, "1.2", EdgeSettings.Stateful, true, "stateful", "store_miss", "expired"),
            ExpiresAsync(edge, "1.2", null, false, "stateless", "expired"),
            ExpiresAsync(edge, "1.2", null, true, "stateful", "store_miss", "expired"),
            RenewedToTheEndAsync(edge));

        Assert.Empty(edge.Errors);
    }

    // The lifetime that a client is told is never more than what is left of anything.
    [Fact]
    public async Task Ticket_LifetimeHint_IsTheSessionTimeoutOrWhatIsLeft()
    {
        await using var edge = await world.StartEdgeAsync(world.Settings("edge-8")
            .With("Profiles:stateless:Resumption:SessionTimeout", "00:10:00").With("Profiles:default:Resumption:MaxSessionAge", "00:05:00"));

        foreach (var version in new[] { "1.2", "1.3" })
        {
            Assert.Equal(600, (await edge.VisitAsync(version, EdgeSettings.Stateless)).Client.TicketLifetimeHint!.Value.TotalSeconds);
            Assert.InRange((await edge.VisitAsync(version)).Client.TicketLifetimeHint!.Value.TotalSeconds, 299, 300);
        }
    }

    private async Task ExpiresAsync(EdgeNode edge, string version, string? host, bool noTicket, string mode, params string[] reasons)
    {
        // It must have resumed before: with one that never does, its end would prove nothing. A slow machine gets another try.
        var session = _files.File($"{Guid.NewGuid()}");
        await Eventually.TrueAsync(async () =>
        {
            await edge.VisitAsync(version, host, noTicket, keep: session);
            return (await edge.VisitAsync(version, host, noTicket, offer: session)).Mode == mode;
        });
        Visit visit = null!;
        await Eventually.TrueAsync(async () => (visit = await edge.VisitAsync(version, host, noTicket, offer: session)).Kind is HandshakeKind.Full);

        Assert.Contains(visit.Declined, reasons);
    }

    // TLS 1.3: each resumption gives a new ticket, and none of them lives longer than the first handshake allows.
    private async Task RenewedToTheEndAsync(EdgeNode edge)
    {
        var session = _files.File($"{Guid.NewGuid()}");
        await edge.VisitAsync("1.3", keep: session);
        Visit visit = null!;
        long age = 0;
        await Eventually.TrueAsync(async () =>
        {
            visit = await edge.VisitAsync("1.3", offer: session, keep: session);
            if (visit.Kind is HandshakeKind.Full)
                return true;
            Assert.True(visit.Age >= age, visit.ToString()); // renewed, but not younger; told when asked, so perhaps past its end by then
            age = visit.Age;
            return false;
        });

        // Its client may have ended it by its own clock, by the lifetime it was told: then nothing was offered.
        Assert.Contains(visit.Declined, (string?[])["expired", null]);
    }
}
