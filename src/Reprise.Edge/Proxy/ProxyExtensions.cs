using System.Globalization;
using Microsoft.AspNetCore.DataProtection;
using Reprise.Edge.ClientAuthentication;
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

    public static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IProxyConfigProvider, ProxyRoutes>();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider(); // YARP asks for it; nothing uses it, and it would write keys to disk
        builder.Services.AddReverseProxy().AddTransforms(context => context.AddRequestTransform(transform =>
        {
            ReservedHeaders.Remove(transform.ProxyRequest.Headers);
            transform.ProxyRequest.Headers.TryAddWithoutValidation(SessionHeader, Describe(transform.HttpContext));
            ClientCertificateHeaders.Set(transform.ProxyRequest.Headers, transform.HttpContext.Features.Get<ISessionResumptionFeature>()!.Handshake.Client);
            return ValueTask.CompletedTask;
        }).AddResponseTransform(SendGrpcHeadersAsync));
    }

    public static void MapProxy(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            // Routing sees a request, not its connection; so the profile's name is put where a client's own is overwritten.
            context.Request.Headers[ProxyRoutes.ProfileHeader] = EdgeProfile.Of(context.Features.Get<ISessionResumptionFeature>()!.Handshake).Name;
            return next(context);
        });
        app.UseRouting();
        app.MapReverseProxy();
    }

    // YARP sends the headers with the first message, and a gRPC client may wait for them before it sends its own. An answer that is over
    // has its status among its headers, and these must end the stream.
    private static async ValueTask SendGrpcHeadersAsync(ResponseTransformContext transform)
    {
        var isGrpc = transform.HttpContext.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is true;
        if (isGrpc && transform.ProxyResponse is { IsSuccessStatusCode: true } response && !response.Headers.Contains("grpc-status"))
            await transform.HttpContext.Response.Body.FlushAsync(transform.HttpContext.RequestAborted);
    }

    // Structured field (RFC 8941): a token with parameters.
    private static string Describe(HttpContext context)
    {
        var handshake = context.Features.Get<ISessionResumptionFeature>()!.Handshake;
        var mode = HandshakeNames.Of(handshake.Mode);
        return handshake.Mode is not ResumptionMode.Full && handshake.SessionState is ResumedSession { Metadata: var metadata }
            ? string.Create(CultureInfo.InvariantCulture, $"{mode}; issuer=\"{metadata.Issuer}\"; epoch={metadata.Epoch}; since={metadata.OriginalHandshake.ToUnixTimeSeconds()}")
            : mode;
    }
}
