using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Dashboard.Actions;
using Reprise.KeyService.Dashboard.SignIn;
using Reprise.KeyService.Dashboard.State;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Identity;

namespace Reprise.KeyService.Dashboard;

internal static class DashboardExtensions
{
    public static void AddDashboard(this WebApplicationBuilder builder, SettingsFile file)
    {
        var services = builder.Services;
        services.AddOptions<DashboardOptions>()
            .Bind(file.Configuration.GetSection(DashboardOptions.SectionName))
            .PostConfigure(options =>
            {
                options.TokenFile = options.TokenFile is { Length: > 0 } token ? file.Resolve(token) : null;
                options.Certificate = options.Certificate is { Length: > 0 } certificate ? file.Resolve(certificate) : null;
                options.Key = options.Key is { Length: > 0 } key ? file.Resolve(key) : null;
            })
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<DashboardOptions>, DashboardOptionsValidator>();
        if (!IsOn(file.Configuration))
            return;
        services.AddSingleton<ShownCertificate>();
        services.AddSingleton<StateSource>();
        services.AddSingleton<StateStream>();
        services.AddSingleton<LeaderCalls>();
        services.AddSingleton<ForgeryCheck>();
        services.AddDashboardAuthentication();
        // What it warns of a stranger can cause at will, and a restart with every browser; ForgeryCheck counts it.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.Path = "/";
            antiforgery.SuppressXFrameOptionsHeader = true; // frame-ancestors says it
        });
        services.AddOptions<AntiforgeryOptions>().Configure<IOptions<KeyServiceOptions>>((antiforgery, service) => antiforgery.Cookie.Name = DashboardAuthentication.CookieName("forgery", service.Value));
        services.AddRazorPages(pages =>
        {
            pages.RootDirectory = "/Dashboard/Pages";
            pages.Conventions.AuthorizePage("/Index", DashboardAuthentication.Policy);
            // ForgeryCheck does it, for all that is posted.
            pages.Conventions.ConfigureFilter(new Microsoft.AspNetCore.Mvc.IgnoreAntiforgeryTokenAttribute());
        });
    }

    /// <summary>The listener, where the dashboard is on.</summary>
    public static void ListenForDashboard(this KestrelServerOptions kestrel)
    {
        var services = kestrel.ApplicationServices;
        if (services.GetService<ShownCertificate>() is not { } shown)
            return;
        var credentials = services.GetRequiredService<ServerCredentials>();
        kestrel.Listen(
            ListenAddress.Parse(services.GetRequiredService<IOptions<DashboardOptions>>().Value.Listen),
            listen =>
            {
                listen.Use(new ConnectionLimit().Admit);
                listen.Serve(Listener.Dashboard, HttpProtocols.Http1AndHttp2, from => credentials.ForBrowser(from, shown.Current));
            });
    }

    /// <summary>The page, its parts, and what it asks.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        if (app.Services.GetService<ForgeryCheck>() is not { } forgery)
            return;
        app.UseWhen(context => context.Features.Get<Listener>() == Listener.Dashboard, branch =>
        {
            branch.Use(SecurityHeaders.SendAsync);
            branch.Use(RequestBounds.HoldAsync);
            branch.UseAuthorization();
            branch.Use(forgery.CheckAsync);
        });
        app.MapRazorPages().WithMetadata(Listener.Dashboard);
        app.MapGet("/assets/{name}", DashboardAssets.Get).WithMetadata(Listener.Dashboard);
        app.MapPost("/sign-out", SignOutAsync).WithMetadata(Listener.Dashboard).RequireAuthorization(DashboardAuthentication.Policy);
        var api = app.MapGroup("/api").WithMetadata(Listener.Dashboard).RequireAuthorization(DashboardAuthentication.Policy);
        api.MapGet("/state", async (StateSource source, CancellationToken cancel) => TypedResults.Text(await source.ReadAsync(cancel), "application/json; charset=utf-8"));
        api.MapGet("/events", (StateStream stream, HttpContext context) => stream.Open(context));
        api.MapDashboardActions();
    }

    private static bool IsOn(IConfiguration configuration) => configuration[$"{DashboardOptions.SectionName}:{nameof(DashboardOptions.Listen)}"] is { Length: > 0 };

    private static async Task<IResult> SignOutAsync(HttpContext context, Sessions sessions)
    {
        sessions.End(Operator.SessionOf(context.User));
        await context.SignOutAsync(DashboardAuthentication.Cookie);
        return TypedResults.LocalRedirect("/sign-in");
    }
}
