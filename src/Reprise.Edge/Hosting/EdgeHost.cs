using Reprise.Edge.Certificates;
using Reprise.Edge.Explain;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Keys;
using Reprise.Edge.Limits;
using Reprise.Edge.Management;
using Reprise.Edge.Profiles;
using Reprise.Edge.Proxy;
using Reprise.Edge.Redirect;
using Reprise.Edge.Reload;
using Reprise.Edge.Traces;
using Reprise.Edge.Tunnels;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Telemetry;
using Reprise.SessionCache;

namespace Reprise.Edge.Hosting;

/// <summary>The parts of a node.</summary>
internal static class EdgeHost
{
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is not allowed.</exception>
    public static WebApplication Create(SettingsFile file)
    {
        // Empty: no settings from wherever the process happens to be started.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = file.Directory });
        builder.Services.AddSingleton(TimeProvider.System);
        var started = false;
        builder.Logging.AddNodeLogging(file, () => started);
        builder.AddListeners(file);
        builder.AddLimits();
        builder.AddProfiles(file);
        builder.Services.AddRedisSessionCache(file.Configuration, file.Directory);
        builder.Services.AddKeyRingSubscriber(file.Configuration, file.Directory, file.Configuration[$"{EdgeOptions.SectionName}:Node"]);
        builder.AddKeys();
        builder.AddHandshakes();
        builder.AddExplain();
        builder.AddTraces(file);
        builder.AddProxy();
        builder.AddTunnels();
        builder.AddCertificates();
        builder.AddHttpRedirect();
        builder.AddManagement(file);
        builder.AddReload(file);

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        app.UseHttpRedirect();
        app.UseManagement();
        app.UseRequestTraces();
        app.UseRequestCount();
        app.UseHandshakeEndpoint();
        app.UseHostGuard();
        app.MapProxy();
        return app;
    }

    /// <summary>What is wrong with the settings of the node itself, profiles apart: a line each.</summary>
    public static IReadOnlyList<string> Validate(SettingsFile file)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = file.Directory });
        builder.AddListeners(file);
        builder.Services.AddRedisSessionCache(file.Configuration, file.Directory);
        builder.Services.AddKeyRingSubscriber(file.Configuration, file.Directory, file.Configuration[$"{EdgeOptions.SectionName}:Node"]);
        builder.Services.AddTelemetryOptions<EdgeTelemetryOptions, EdgeTelemetryOptionsValidator>(file);
        using var services = builder.Services.BuildServiceProvider();
        return StartupFailures.Of(services);
    }
}
