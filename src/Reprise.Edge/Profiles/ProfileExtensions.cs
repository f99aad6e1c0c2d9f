using Microsoft.Extensions.Options;
using Reprise.Edge.Reload;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.SessionCache;

namespace Reprise.Edge.Profiles;

internal static class ProfileExtensions
{
    /// <exception cref="ProfileException">Settings are not allowed; names all of them.</exception>
    public static void AddProfiles(this WebApplicationBuilder builder, SettingsFile file)
    {
        var configuration = NodeConfiguration.Of(file);
        if (configuration.Failures.Count > 0)
            throw new ProfileException(configuration.Failures);
        builder.Services.AddSingleton(services => new CurrentProfiles(TableLoader.Load(
            configuration, services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value, services.GetRequiredService<RedisSessionCache>(),
            services.GetRequiredService<TimeProvider>().GetUtcNow())));
        builder.Services.AddSingleton<IServedProfiles, ServedProfiles>();
    }
}
