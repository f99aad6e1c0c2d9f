using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;

namespace Reprise.Edge.Redirect;

/// <summary>
/// Plain HTTP/1.1 is answered 308 to the same host, path and query by HTTPS, if a profile with requests serves that host; else 421. What is
/// no host name or address goes nowhere, so that no default profile vouches for it.
/// </summary>
internal static class HttpRedirect
{
    public static void AddHttpRedirect(this WebApplicationBuilder builder) => builder.Services.AddSingleton<RedirectListeners>();

    public static void UseHttpRedirect(this WebApplication app)
    {
        var profiles = app.Services.GetRequiredService<CurrentProfiles>();
        var port = app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.HttpsPort;
        app.MapWhen(RedirectListeners.Has, redirect => redirect.Run(context =>
        {
            // A body is not read, so the connection ends with the answer.
            context.Response.Headers.Connection = "close";
            if (Target(context.Request, profiles.Table, port) is { } location)
            {
                context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
                context.Response.Headers.Location = location;
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            }

            return Task.CompletedTask;
        }));
    }

    private static string? Target(HttpRequest request, ProfileTable profiles, int port)
    {
        var host = request.Host.Host.TrimEnd('.').ToLowerInvariant();
        var isName = HostPattern.IsValid(host) && !HostPattern.IsWildcard(host);
        if (!isName && !IPAddress.TryParse(host, out _))
            return null;
        if (profiles.Find(host) is not { Options.Upstream.Tcp: null })
            return null;
        var authority = port == 443 ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        return $"https://{authority}{request.GetEncodedPathAndQuery()}";
    }
}
