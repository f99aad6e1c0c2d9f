using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;
using Reprise.Edge.Reload;
using Reprise.KeyProtocol.Hosting;
using Reprise.SessionCache;
using Reprise.Tls.Interop;

if (NodeCommandLine.AsksForUsage(args))
{
    Console.WriteLine(NodeCommandLine.Usage("Reprise.Edge"));
    return 0;
}

if (!NodeCommandLine.TryParse(args, out var command))
    return Fail(NodeCommandLine.Usage("Reprise.Edge"));
try
{
    if (command.Check)
        return CheckCommand.Run(command.Config, Console.Out, Console.Error);
    var file = ConfigurationFile.Open(command.Config);
    if (command.HealthCheck)
    {
        var options = file.Configuration.GetSection(EdgeOptions.SectionName).Get<EdgeOptions>() ?? new EdgeOptions();
        return await ReadinessProbe.AskAsync(options.Management, options.ReadyFile is { } path ? file.Resolve(path) : null, "management") ? 0 : 1;
    }

    await using var host = EdgeHost.Create(file);
    await host.RunAsync();
    return 0;
}
catch (Exception fault) when (fault is ConfigurationFileException or ProfileException or UnfitRedisException or OpenSslException)
{
    return Fail(fault.Message);
}
catch (OptionsValidationException fault)
{
    return Fail(string.Join("; ", fault.Failures));
}
catch (Exception fault) when (fault is IOException or SocketException)
{
    return Fail($"{fault.Message}; Edge:Listen and Edge:Management need addresses that are this machine's and free");
}
catch (OperationCanceledException)
{
    return 0; // stopped before it was ready
}

static int Fail(string line)
{
    Console.Error.WriteLine($"reprise-edge: {line}");
    return 1;
}
