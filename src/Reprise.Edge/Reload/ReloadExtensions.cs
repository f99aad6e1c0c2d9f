using Reprise.KeyProtocol.Hosting;

namespace Reprise.Edge.Reload;

internal static class ReloadExtensions
{
    public static void AddReload(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddSingleton<ReloadMetrics>();
        builder.Services.AddSingleton(file);
        builder.Services.AddHostedService<ConfigurationReloader>();
    }
}
