using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>The ways in: an admin's certificate, a session that the token has begun, or the token itself with each request to the API.</summary>
internal static class DashboardAuthentication
{
    public const string Cookie = "cookie";

    /// <summary>Name of the policy that endpoints require.</summary>
    public const string Policy = "operator";

    private const string Any = "any";
    private const string Certificate = "certificate";
    private const string Bearer = "bearer";

    public static void AddDashboardAuthentication(this IServiceCollection services)
    {
        services.AddSingleton<AdminCertificates>();
        services.AddSingleton<TokenFile>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<SignInLimit>();
        services.AddSingleton<TokenSignIn>();
        // Keys of this process alone: a restart ends sessions, and there is no key to be kept.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication()
            .AddPolicyScheme(Any, null, scheme => scheme.ForwardDefaultSelector = SchemeOf)
            .AddScheme<AuthenticationSchemeOptions, CertificateHandler>(Certificate, null)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(Bearer, null)
            .AddCookie(Cookie, Configure);
        services.AddOptions<CookieAuthenticationOptions>(Cookie).Configure<IOptions<KeyServiceOptions>>((cookie, service) => cookie.Cookie.Name = CookieName("dashboard", service.Value));
        services.AddAuthorizationBuilder().AddPolicy(Policy, new AuthorizationPolicyBuilder(Any).RequireAuthenticatedUser().Build());
    }

    /// <summary>Of this key service: browsers keep cookies by host, and another's dashboard may be on another port of the same.</summary>
    public static string CookieName(string what, KeyServiceOptions service) => $"__Host-reprise-{what}-{service.Name}";

    /// <summary>Whether what let this request in still holds. A stream of events outlives the request's beginning.</summary>
    public static bool StillHolds(HttpContext context) => context.User.Identity?.AuthenticationType switch
    {
        Bearer => context.RequestServices.GetRequiredService<TokenFile>().Accepts(BearerHandler.TokenOf(context.Request) ?? ""),
        Certificate => context.RequestServices.GetRequiredService<AdminCertificates>().Accepts(context.Connection.ClientCertificate!, out _, out _),
        _ => context.RequestServices.GetRequiredService<Sessions>().IsOpen(Operator.SessionOf(context.User)),
    };

    /// <summary>Whether the request shows the token itself.</summary>
    public static bool IsByBearer(HttpContext context) => BearerHandler.IsUsed(context.Request) && IsApi(context.Request);

    private static string SchemeOf(HttpContext context) =>
        IsByBearer(context) ? Bearer
        // One that is not good any more stands in nobody's way who has the token.
        : context.Connection.ClientCertificate is { } certificate && context.RequestServices.GetRequiredService<AdminCertificates>().Accepts(certificate, out _, out _) ? Certificate
        : Cookie;

    /// <summary>Whether that is asked by a program, the page's or another.</summary>
    public static bool IsApi(HttpRequest request) => request.Path.StartsWithSegments("/api", StringComparison.Ordinal);

    private static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.HttpOnly = true;
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.Path = "/";
        options.ExpireTimeSpan = Sessions.Lifetime;
        options.SlidingExpiration = false;
        options.LoginPath = "/sign-in";
        options.ReturnUrlParameter = "from";
        options.Events.OnValidatePrincipal = context =>
        {
            if (!context.HttpContext.RequestServices.GetRequiredService<Sessions>().IsOpen(Operator.SessionOf(context.Principal)))
                context.RejectPrincipal();
            return Task.CompletedTask;
        };
        options.Events.OnRedirectToLogin = context =>
        {
            // There is one page: nothing to come back to.
            if (IsApi(context.Request))
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            else
                context.Response.Redirect("/sign-in");
            return Task.CompletedTask;
        };
    }
}
