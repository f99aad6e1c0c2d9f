using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Reprise.SessionCache.Scan;

namespace Reprise.SessionCache;

public static class RedisSessionCacheExtensions
{
    /// <summary>Adds the session cache in Redis, configured by <see cref="RedisSessionCacheOptions.SectionName"/>.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The root.</param>
    /// <param name="baseDirectory">What relative paths are relative to: the directory of the configuration file.</param>
    public static IServiceCollection AddRedisSessionCache(this IServiceCollection services, IConfiguration configuration, string baseDirectory)
    {
        services.AddOptions<RedisSessionCacheOptions>()
            .Bind(configuration.GetSection(RedisSessionCacheOptions.SectionName), binder => binder.ErrorOnUnknownConfiguration = true)
            .PostConfigure(options => options.Anchor(baseDirectory))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisSessionCacheOptions>, RedisSessionCacheOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RedisSessionCache>();
        services.AddSingleton<SessionSweep>();
        return services;
    }
}
