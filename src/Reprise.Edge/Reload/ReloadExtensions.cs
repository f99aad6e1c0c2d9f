using Reprise.KeyProtocol.Hosting;

namespace Reprise.Edge.Reload;

internal static class ReloadExtensions
{
    public static void AddReload(this WebApplicationBuilder builder, SettingsFile file)
    {
        builder.Services.AddSingleton<ReloadMetrics>();
        builder.Services.AddSingleton(new HangUpSignal()); // now, not when it is first asked for
        builder.Services.AddSingleton(file);
        builder.Services.AddHostedService<ConfigurationReloader>();
    }
}
