using System.Globalization;
using Microsoft.Extensions.Hosting;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>
/// Stops a process when the one that started it for its own use is gone: <c>reprise up</c> gives its id as
/// <c>REPRISE_PARENT_PID</c>, so that a killed <c>up</c> leaves no nodes behind. Without it nothing is watched.
/// </summary>
public sealed class ParentWatch(IHostApplicationLifetime lifetime) : BackgroundService
{
    private const string Variable = "REPRISE_PARENT_PID";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var parent))
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (!Directory.Exists($"/proc/{parent}"))
            {
                lifetime.StopApplication();
                return;
            }
        }
    }
}
