using System.Globalization;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Profiles;
using Reprise.Tls;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Reprise.Edge.Proxy;

/// <summary>YARP before each profile's upstream. The route is the connection's profile, whatever the request says.</summary>
internal static class ProxyExtensions
{
    /// <summary>Tells the upstream how the session came about; never what a client sent under this name.</summary>
    public const string SessionHeader = "X-Reprise-Session";

    private const string ProfileHeader = "X-Reprise-Profile";

    public static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IProxyConfigProvider>(services =>
        {
            var profiles = services.GetRequiredService<CurrentProfiles>().Table.All.Where(profile => profile.Options.Upstream.Http.Count > 0).ToList();
            return new InMemoryConfigProvider([.. profiles.Select(Route)], [.. profiles.Select(Cluster)]);
        });
        builder.Services.AddReverseProxy().AddTransforms(context => context.AddRequestTransform(transform =>
        {
            transform.ProxyRequest.Headers.Remove(ProfileHeader);
            transform.ProxyRequest.Headers.Remove(SessionHeader);
            transform.ProxyRequest.Headers.TryAddWithoutValidation(SessionHeader, Describe(transform.HttpContext));
            return ValueTask.CompletedTask;
        }));
    }

    public static void MapProxy(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            // Routing sees a request, not its connection; so the profile's name is put where a client's own is overwritten.
            context.Request.Headers[ProfileHeader] = EdgeProfile.Of(context.Features.Get<ISessionResumptionFeature>()!.Handshake).Name;
            return next(context);
        });
        app.UseRouting();
        app.MapReverseProxy();
    }

    private static RouteConfig Route(EdgeProfile profile) => new()
    {
        RouteId = profile.Name,
        ClusterId = profile.Name,
        Match = new RouteMatch
        {
            Path = "{**path}",
            Headers = [new RouteHeader { Name = ProfileHeader, Values = [profile.Name], Mode = HeaderMatchMode.ExactHeader, IsCaseSensitive = true }],
        },
        // The upstream sees the host that the client asked for, as behind any TLS terminator.
        Transforms = [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }],
    };

    private static ClusterConfig Cluster(EdgeProfile profile) => new()
    {
        ClusterId = profile.Name,
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromMinutes(2) },
        Destinations = profile.Options.Upstream.Http.Select((address, i) => (address, i)).ToDictionary(
            pair => pair.i.ToString(CultureInfo.InvariantCulture), pair => new DestinationConfig { Address = pair.address }),
    };

    // Structured field (RFC 8941): a token with parameters.
    private static string Describe(HttpContext context)
    {
        var handshake = context.Features.Get<ISessionResumptionFeature>()!.Handshake;
        var mode = HandshakeMetrics.NameOf(handshake.Mode);
        return handshake.Mode is not ResumptionMode.Full && handshake.SessionState is ResumedSession { Metadata: var metadata }
            ? string.Create(CultureInfo.InvariantCulture, $"{mode}; issuer=\"{metadata.Issuer}\"; epoch={metadata.Epoch}; since={metadata.OriginalHandshake.ToUnixTimeSeconds()}")
            : mode;
    }
}
