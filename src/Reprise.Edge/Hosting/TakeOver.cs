using Microsoft.Extensions.Options;
using Reprise.Tls;

namespace Reprise.Edge.Hosting;

/// <summary>
/// The two ends of a node's life that clients are not to notice: it takes over from the process before when it serves, and stops
/// when the next one does, or by a signal after those who watch its readiness have had time to look elsewhere.
/// </summary>
internal sealed class TakeOver(TlsTransportFactory transport, IHostApplicationLifetime lifetime, IOptions<EdgeOptions> options) : IHostedLifecycleService
{
    private volatile bool _superseded;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        transport.Serving(() =>
        {
            _superseded = true;
            lifetime.StopApplication();
        });
        return Task.CompletedTask;
    }

    /// <summary>Not ready any more, and still accepting.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (!_superseded && options.Value.DrainDelay > TimeSpan.Zero)
            await Task.Delay(options.Value.DrainDelay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        transport.StopHandingOver();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
