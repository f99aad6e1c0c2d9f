using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyProtocol;

/// <summary>
/// Keeps this node's key ring: subscribes to the key service, puts each ring to use and only then acknowledges it, and
/// drops secrets when their life is over, whether or not the key service is there to say so.
/// </summary>
/// <remarks>
/// Thread-safe. Rings are immutable snapshots; their secrets stay readable while the ring that holds them is
/// <see cref="Current"/>. Who derives keys from an older one at the very moment its epoch is destroyed gets an
/// <see cref="ObjectDisposedException"/>, never wrong keys.
/// </remarks>
public sealed partial class KeyRingSubscriber : BackgroundService
{
    // Wall clocks step; a timer set for tomorrow does not notice. So expiry is looked at this often at least.
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromMinutes(1);

    private readonly KeyRingSubscriberOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyRingSubscriber> _logger;
    private readonly IEpochUse? _uses;
    private readonly IServedProfiles? _profiles;
    private readonly ISessionExplainer? _explainer;
    private readonly IHandshakeTotals? _handshakes;
    private readonly TaskCompletionSource<KeyRing> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _expiry;

    // Rings are put to use one at a time, in order.
    private readonly Lock _adopting = new();
    private volatile KeyRing? _current;
    private volatile bool _connected;
    private volatile ChannelWriter<V1.SubscribeRequest>? _outgoing;
    private long _acknowledged;
    private bool _disposed;

    public KeyRingSubscriber(
        IOptions<KeyRingSubscriberOptions> options, TimeProvider time, ILogger<KeyRingSubscriber> logger,
        IEpochUse? uses = null, IServedProfiles? profiles = null, ISessionExplainer? explainer = null, IHandshakeTotals? handshakes = null)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _uses = uses;
        _profiles = profiles;
        _explainer = explainer;
        _handshakes = handshakes;
        _expiry = time.CreateTimer(_ => DropExpired(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Raised with each new ring before its generation is acknowledged, and again, with the same generation, when the
    /// life of an epoch in it is over (that epoch is then destroyed). Handlers derive keys, and drop those of epochs
    /// that are destroyed or absent. They run one at a time, on whichever thread, and must be quick; if one throws, the
    /// generation is not acknowledged and will be pushed again.
    /// </summary>
    public event Action<KeyRing>? Changed;

    /// <summary>The ring of this moment; null until the first. Already set when <see cref="Changed"/> is raised for it.</summary>
    public KeyRing? Current => _current;

    /// <summary>Completes when the first ring has been put to use; cancelled if the host stops before that.</summary>
    public Task<KeyRing> FirstRing => _first.Task;

    /// <summary>Whether a stream is open whose ring has been put to use.</summary>
    public bool Connected => _connected;

    /// <summary>
    /// Tells the key service, if one is connected, that this node serves other profiles than it said last; a stream to come begins with telling.
    /// </summary>
    public void TellProfiles()
    {
        // Not the generation of Current: that one may be about to be put to use.
        if (_connected)
            _outgoing?.TryWrite(new V1.SubscribeRequest { Acknowledge = Acknowledge(Interlocked.Read(ref _acknowledged)) });
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // Here, not at the end of ExecuteAsync: that never begins if the stop comes first.
        _first.TrySetCanceled(CancellationToken.None);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _first.TrySetCanceled();
        _expiry.Dispose();
        lock (_adopting)
        {
            if (!_disposed)
            {
                _disposed = true;
                EpochSecret.DisposeAll(_current?.SecretsNotIn(null) ?? []);
            }
        }

        base.Dispose();
    }

    // Gives the reason why the push cannot be taken, or null.
    private string? Adopt(KeyRingPush push)
    {
        lock (_adopting)
        {
            var held = _current;
            if (_disposed)
            {
                EpochSecret.DisposeAll(push.Ring.SecretsNotIn(null));
                return "this node stops";
            }

            KeyRing adopted;
            try
            {
                adopted = KeyRing.Adopt(held, push.Ring, push.KnowsFrom, _time.GetUtcNow());
            }
            catch (ArgumentException fault)
            {
                EpochSecret.DisposeAll(push.Ring.SecretsNotIn(null));
                return $"it sent a key ring that is refused: {fault.Message}";
            }

            var used = PutToUse(adopted);
            EpochSecret.DisposeAll(push.Ring.SecretsNotIn(adopted));
            if (used)
                _first.TrySetResult(adopted);
            return used ? null : $"generation {adopted.Generation} could not be put to use";
        }
    }

    private void DropExpired()
    {
        lock (_adopting)
        {
            if (_disposed || _current is not { } held)
                return;
            var left = held.Expire(_time.GetUtcNow());
            if (ReferenceEquals(left, held))
            {
                SetTimer(held);
                return;
            }

            foreach (var epoch in left.Epochs)
            {
                if (epoch.Secret is null && held.Find(epoch.Number)?.Secret is not null)
                    Log.Expired(_logger, epoch.Number);
            }

            PutToUse(left);
        }
    }

    // Under the lock. Secrets of the former ring are zeroed after the handlers have let go of them.
    private bool PutToUse(KeyRing ring)
    {
        var former = _current;
        _current = ring;
        var used = Raise(ring);
        EpochSecret.DisposeAll(former?.SecretsNotIn(ring) ?? []);
        SetTimer(ring);
        return used;
    }

    private bool Raise(KeyRing ring)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(Changed))
        {
            try
            {
                handler(ring);
            }
#pragma warning disable CA1031 // Whatever a handler throws: the generation is not in use, so it must not be acknowledged.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                Log.HandlerFailed(_logger, ring.Generation, fault);
                return false;
            }
        }

        return true;
    }

    private void SetTimer(KeyRing ring)
    {
        if (ring.NextExpiry() is not { } next)
            return;
        var sleep = next - _time.GetUtcNow();
        _expiry.Change(sleep < TimeSpan.Zero ? TimeSpan.Zero : sleep < s_longestSleep ? sleep : s_longestSleep, Timeout.InfiniteTimeSpan);
    }
}
