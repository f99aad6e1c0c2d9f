using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>What a host's validators have against its options, without starting it.</summary>
public static class StartupFailures
{
    /// <returns>A line each, with key, value and what is allowed.</returns>
    public static IReadOnlyList<string> Of(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException fault)
        {
            return [.. fault.Failures];
        }
        catch (AggregateException faults)
        {
            return [.. faults.InnerExceptions.SelectMany(fault => fault is OptionsValidationException { Failures: var failures } ? failures : [fault.Message])];
        }
    }
}
