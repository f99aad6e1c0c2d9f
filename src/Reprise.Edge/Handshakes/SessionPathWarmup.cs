using System.Security.Cryptography;
using Reprise.Core.Sessions;
using Reprise.Edge.Profiles;
using Reprise.SessionCache;

namespace Reprise.Edge.Handshakes;

/// <summary>
/// Seals, stores, takes and opens a few records of its own before the listeners open. Compiled at first use, this path would
/// otherwise cost the first clients the store budget, and with it their sessions.
/// </summary>
internal sealed class SessionPathWarmup(CurrentProfiles profiles, TimeProvider time) : IHostedService
{
    private const int Rounds = 5;

    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (profiles.Table.All.FirstOrDefault(profile => profile.Sessions is not null) is not { Sessions: { } cache } profile)
            return;
        try
        {
            await WarmUpAsync(profile, cache);
        }
        catch (ObjectDisposedException)
        {
            // Its epoch was revoked at this very moment: warm enough.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WarmUpAsync(EdgeProfile profile, NearSessionCache cache)
    {
        for (var round = 0; round < Rounds && profile.Keys?.Ring is { } ring && ring.SealingAt(time.GetUtcNow()) is { } keys; round++)
        {
            var handle = RandomNumberGenerator.GetBytes(32);
            var key = SessionKey.OfHandle(handle);
            var record = new SessionRecord(new SessionMetadata(time.GetUtcNow(), "", keys.Epoch.Number, 0x0304), new byte[128]);
            if (!await cache.SetAsync(key, SealedSession.Seal(keys, handle, record, time.GetUtcNow()), TimeToLive, singleUse: true))
                return; // no store just now: nothing to warm up
            if ((await cache.TakeAsync(key)).Value is { } value)
                SealedSession.Open(ring, handle, value, time.GetUtcNow(), out _);
            // Over the mark that the take has left.
            await cache.SetAsync(key, [], TimeSpan.FromMilliseconds(1), singleUse: true);
        }
    }
}
