using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Proxy;
using Reprise.Edge.Upstreams;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.SessionCache;

namespace Reprise.Edge.Profiles;

internal static class ProfileExtensions
{
    /// <exception cref="ProfileException">Settings are not allowed; names all of them.</exception>
    public static void AddProfiles(this WebApplicationBuilder builder, SettingsFile file)
    {
        var profiles = file.Configuration.GetSection(ProfileOptions.SectionName).Get<Dictionary<string, ProfileOptions>>() ?? [];
        foreach (var certificate in profiles.Values.SelectMany(profile => profile.Certificates))
            certificate.Resolve(file.Resolve);
        foreach (var profile in profiles.Values)
            profile.ClientAuth.Resolve(file.Resolve);

        var hasSessionStore = !string.IsNullOrEmpty(file.Configuration[$"{RedisSessionCacheOptions.SectionName}:Redis"]);
        var edge = file.Configuration.GetSection(EdgeOptions.SectionName).Get<EdgeOptions>() ?? new EdgeOptions();
        var failures = ProfileValidator.Validate(profiles, hasSessionStore, edge).ToList();
        var clusters = ProxyClusters.Read(file, profiles, failures);
        UpstreamValidator.Validate(failures, profiles, clusters);
        if (failures.Count > 0)
            throw new ProfileException(string.Join("; ", failures));
        builder.Services.AddSingleton(services => new CurrentProfiles(ProfileLoader.Load(
            profiles, services.GetRequiredService<IOptions<RedisSessionCacheOptions>>().Value, services.GetRequiredService<RedisSessionCache>(),
            services.GetRequiredService<TimeProvider>().GetUtcNow(), ListenerProfiles.Subsets(edge), clusters)));
        builder.Services.AddSingleton<IServedProfiles, ServedProfiles>();
    }
}
