using Microsoft.Extensions.Hosting;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>Keeps a process's ready file: written once all listens, gone after a clean stop.</summary>
/// <typeparam name="TContents">What the file holds, as JSON; all addresses are <c>host:port</c>.</typeparam>
/// <param name="path">From the configuration; null: no file.</param>
/// <param name="setting">Its key there, for the message if it cannot be written.</param>
public abstract class ReadyReporter<TContents>(string? path, string setting) : IHostedLifecycleService
{
    /// <summary>Takes away what a killed predecessor has left.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (path is not null)
            ReadyFile.Delete(path, setting);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var contents = Describe();
        if (path is not null)
            ReadyFile.Write(path, setting, contents);
        return Task.CompletedTask;
    }

    /// <summary>Leaves that of a successor, which has it written before this process stops.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (path is not null && !ReadyFile.IsOfAnother(path))
            ReadyFile.Delete(path, setting);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called once, when all listens.</summary>
    protected abstract TContents Describe();

    /// <summary>An address of Kestrel's as <c>host:port</c>; Uri.Authority leaves out port 80 and port 443.</summary>
    protected static string HostAndPort(Uri address) => $"{address.Host}:{address.Port}";
}
