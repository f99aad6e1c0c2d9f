using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Admin;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Dashboard;
using Reprise.KeyService.Distribution;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Explain;
using Reprise.KeyService.Identity;
using Reprise.KeyService.Management;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Orders;
using Reprise.KeyService.Replicas;
using Reprise.KeyService.Rotation;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Hosting;

/// <summary>The parts of a key service.</summary>
internal static class KeyServiceHost
{
    /// <param name="file">Settings.</param>
    /// <param name="time">The clock; the system's if null.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is not allowed.</exception>
    public static WebApplication Create(SettingsFile file, TimeProvider? time = null)
    {
        var started = false;
        var app = Compose(file, time, () => started).Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        app.UseListenerSeparation();
        app.MapKeyDistribution();
        app.MapKeyAdmin();
        app.MapGrpcStandards();
        app.MapManagement();
        app.MapDashboard();
        return app;
    }

    /// <summary>What is wrong with the settings: a line each.</summary>
    public static IReadOnlyList<string> Validate(SettingsFile file)
    {
        using var services = Compose(file, time: null, () => false).Services.BuildServiceProvider();
        return StartupFailures.Of(services);
    }

    private static WebApplicationBuilder Compose(SettingsFile file, TimeProvider? time, Func<bool> hasStarted)
    {
        // Empty: no settings from wherever the process happens to be started.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = file.Directory, ApplicationName = typeof(KeyServiceHost).Assembly.GetName().Name });
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        // A caller that does not take its leave holds a stop up no longer than this.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Logging.AddNodeLogging(file, hasStarted);
        builder.AddListeners(file);
        builder.AddStore(file);
        builder.AddEpochs();
        builder.AddRotation(file);
        builder.AddNodes();
        builder.AddOrders();
        builder.AddExplain();
        builder.AddAudit(file);
        builder.AddGrpc();
        builder.AddReplicas(file);
        builder.AddManagement(file);
        builder.AddDashboard(file);
        return builder;
    }
}
