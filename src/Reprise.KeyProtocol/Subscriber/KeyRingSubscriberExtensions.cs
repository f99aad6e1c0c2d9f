using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Reprise.KeyProtocol;

public static class KeyRingSubscriberExtensions
{
    /// <summary>
    /// Adds the <see cref="KeyRingSubscriber"/>, as a singleton and as a hosted service. It is configured by the section
    /// <see cref="KeyRingSubscriberOptions.SectionName"/>; a wrong setting stops the host's start with an
    /// <see cref="OptionsValidationException"/>.
    /// </summary>
    /// <param name="services">The host's services. An <see cref="IEpochUse"/> and an <see cref="IHandshakeTotals"/> among them feed the heartbeats, an <see cref="IServedProfiles"/> the greeting.</param>
    /// <param name="configuration">The root.</param>
    /// <param name="baseDirectory">What relative paths are relative to: the directory of the configuration file.</param>
    /// <param name="node">The node's name; the certificate must be its own. Null takes the certificate's word.</param>
    public static IServiceCollection AddKeyRingSubscriber(
        this IServiceCollection services, IConfiguration configuration, string baseDirectory, string? node = null)
    {
        services.AddOptions<KeyRingSubscriberOptions>()
            .Bind(configuration.GetSection(KeyRingSubscriberOptions.SectionName), binder => binder.ErrorOnUnknownConfiguration = true)
            .PostConfigure(options =>
            {
                options.Authority = Resolve(baseDirectory, options.Authority);
                options.Certificate = Resolve(baseDirectory, options.Certificate);
                options.Key = Resolve(baseDirectory, options.Key);
                options.Node = node;
            })
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KeyRingSubscriberOptions>, KeyRingSubscriberOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<KeyRingSubscriber>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<KeyRingSubscriber>());
        return services;
    }

    private static string Resolve(string baseDirectory, string path) => path.Length == 0 ? path : Path.GetFullPath(path, baseDirectory);
}
