using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>
/// Diagnostics: how this very connection came about. Under every profile and Host, because it says nothing of any other one.
/// </summary>
internal static partial class HandshakeEndpoint
{
    public const string Path = "/.well-known/reprise/handshake";

    public static void UseHandshakeEndpoint(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<EdgeOptions>>().Value;
        if (!options.Diagnostics)
            return;
        var time = app.Services.GetRequiredService<TimeProvider>();
        app.Use((context, next) =>
        {
            if (context.Request.Path != Path || context.Features.Get<ISessionResumptionFeature>()?.Handshake is not { } handshake)
                return next(context);
            if (HttpMethods.IsGet(context.Request.Method))
                return WriteAsync(context.Response, Report.Of(handshake, options.Node, time.GetUtcNow()), context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Get;
            return Task.CompletedTask;
        });
    }

    // One line of known length: readable in a bare s_client, without chunks in between.
    private static Task WriteAsync(HttpResponse response, Report report, CancellationToken cancellationToken)
    {
        byte[] body = [.. JsonSerializer.SerializeToUtf8Bytes(report, ReportContext.Default.Report), (byte)'\n'];
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, cancellationToken).AsTask();
    }

    /// <param name="Node">Where this connection ends.</param>
    /// <param name="Protocol">TLSv1.2 or TLSv1.3.</param>
    /// <param name="Cipher">OpenSSL's name.</param>
    /// <param name="Group">Key-exchange group; null if there was no key exchange.</param>
    /// <param name="Sni">As the client sent it, in lower case; null if it sent none.</param>
    /// <param name="Alpn">Null without.</param>
    /// <param name="Profile">That terminates the connection.</param>
    /// <param name="Resumed">Whether the handshake was a resumed one.</param>
    /// <param name="Mode">full, stateful or stateless.</param>
    /// <param name="Offered">What the client asked to resume: none, session_id, handle or ticket.</param>
    /// <param name="Issuer">The node that issued the resumed session; this node after a full handshake.</param>
    /// <param name="Epoch">The one that sealed the resumed session; after a full handshake the one that seals now, or null.</param>
    /// <param name="SessionAgeSeconds">Time since the full handshake that the session began with.</param>
    /// <param name="Declined">Why an offered session was not resumed, or null.</param>
    /// <param name="ClientCertificate">Whom the client has proved to be, or null.</param>
    internal sealed record Report(
        string Node, string Protocol, string Cipher, string? Group, string? Sni, string? Alpn, string Profile, bool Resumed,
        string Mode, string Offered, string? Issuer, long? Epoch, long SessionAgeSeconds, string? Declined, ClientFacts? ClientCertificate)
    {
        public static Report Of(Handshake handshake, string node, DateTimeOffset now)
        {
            var profile = EdgeProfile.Of(handshake);
            var resumed = handshake.Mode is ResumptionMode.Full ? null : handshake.SessionState as ResumedSession;
            return new Report(
                node,
                HandshakeNames.Of(handshake.Protocol),
                handshake.Cipher,
                handshake.Group,
                handshake.ServerName,
                handshake.ApplicationProtocol.IsEmpty ? null : Encoding.ASCII.GetString(handshake.ApplicationProtocol.Span),
                profile.Name,
                handshake.Mode is not ResumptionMode.Full,
                HandshakeNames.Of(handshake.Mode),
                HandshakeNames.Of(handshake.Offered),
                resumed?.Metadata.Issuer ?? node,
                resumed?.Metadata.Epoch ?? profile.Keys?.Ring.SealingAt(now)?.Epoch.Number,
                resumed is null ? 0 : (long)resumed.Metadata.AgeAt(now).TotalSeconds,
                handshake.Mode is ResumptionMode.Full ? handshake.Declined.ToName() : null,
                handshake.Client is { } client ? new ClientFacts(client.Certificate.Subject, client.Certificate.Issuer, client.Fingerprint) : null);
        }
    }

    /// <param name="Subject">As RFC 4514 writes it.</param>
    /// <param name="Issuer">The same.</param>
    /// <param name="Sha256">Fingerprint of the certificate, lower-case hex.</param>
    internal sealed record ClientFacts(string Subject, string Issuer, string Sha256);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Report))]
    internal sealed partial class ReportContext : JsonSerializerContext;
}
