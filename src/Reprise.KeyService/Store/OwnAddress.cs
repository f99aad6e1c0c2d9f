using Microsoft.Extensions.Options;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Store;

/// <summary>Where other key services reach this one: as configured, else where it listens, which is known when it does.</summary>
internal sealed class OwnAddress
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _value;

    public OwnAddress(ListenerAddresses addresses, IOptions<KeyServiceOptions> options, IHostApplicationLifetime lifetime) =>
        lifetime.ApplicationStarted.Register(() =>
        {
            _value = options.Value.Advertise ?? $"{addresses[Listener.Grpc]}";
            _known.TrySetResult();
        });

    /// <summary>HOST:PORT; null before this key service listens, and so serves what others pass on.</summary>
    public string? Value => _value;

    /// <summary>Completes when it is, and stays so.</summary>
    public Task Known => _known.Task;
}
