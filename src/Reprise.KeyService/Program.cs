using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Hosting;

if (NodeCommandLine.AsksForUsage(args))
{
    Console.WriteLine(NodeCommandLine.Usage("Reprise.KeyService"));
    return 0;
}

if (!NodeCommandLine.TryParse(args, out var command))
    return Fail(NodeCommandLine.Usage("Reprise.KeyService"));
try
{
    if (command.Check)
        return CheckCommand.Run(command.Config, Console.Out, Console.Error);
    var file = ConfigurationFile.Open(command.Config);
    if (command.HealthCheck)
    {
        var options = file.Configuration.GetSection(KeyServiceOptions.SectionName).Get<KeyServiceOptions>() ?? new KeyServiceOptions();
        return await ReadinessProbe.AskAsync(options.Management, options.ReadyFile is { } path ? file.Resolve(path) : null, "management") ? 0 : 1;
    }

    await using var host = KeyServiceHost.Create(file);
    await host.RunAsync();
    return 0;
}
catch (ConfigurationFileException fault)
{
    return Fail(fault.Message);
}
catch (OptionsValidationException fault)
{
    return Fail(string.Join("; ", fault.Failures));
}
catch (IOException fault) when (fault.InnerException is AddressInUseException)
{
    return Fail($"{fault.Message} KeyService:Grpc, KeyService:Management and Dashboard:Listen need addresses that are free");
}

static int Fail(string line)
{
    Console.Error.WriteLine($"reprise-keyservice: {line}");
    return 1;
}
