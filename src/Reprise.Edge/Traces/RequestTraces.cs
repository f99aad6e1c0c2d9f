using System.Diagnostics;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Traces;

/// <summary>
/// The span of each request on a connection whose handshake has one, with a link to it; what is passed upstream is its context. Other
/// requests have a context too, which says that it is not recorded: so that what stands behind decides as the edge has.
/// </summary>
internal sealed class RequestTraces(ClientTraces clients)
{
    // What ASP.NET and its ancestors understand of such headers; nothing of a client's own gets through but by way of the context.
    private static readonly string[] s_headers = ["traceparent", "tracestate", "baggage", "Correlation-Context", "Request-Id"];

    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        var handshake = context.Features.Get<ISessionResumptionFeature>()!.Handshake;
        using var span = Begin(context.Request, handshake.Trace as HandshakeTrace);
        if (!span.IsAllDataRequested)
        {
            await next(context);
            return;
        }

        Describe(span, context.Request, handshake);
        try
        {
            await next(context);
        }
        catch (Exception fault)
        {
            // What the client sees of it is Kestrel's to say, after this.
            span.SetTag("error.type", fault.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }

        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
            span.SetTag("error.type", NameOf(status)).SetStatus(ActivityStatusCode.Error);
    }

    private Activity Begin(HttpRequest request, HandshakeTrace? connection)
    {
        var (parent, baggage) = clients is ClientTraces.Continue ? Extract(request) : default;
        foreach (var header in s_headers)
            request.Headers.Remove(header);
        Activity.Current = null;
        var recorded = parent == default ? connection is not null : (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0;
        var span = recorded
            ? HandshakeTraces.Source.StartActivity(MethodOf(request), ActivityKind.Server, parent, tags: null, links: connection is null ? null : [new ActivityLink(connection.Context)])
            : null;
        span ??= Unrecorded(parent);
        foreach (var (key, value) in baggage ?? [])
            span.AddBaggage(key, value);
        return span;
    }

    private static Activity Unrecorded(ActivityContext parent)
    {
        var span = new Activity("request").SetIdFormat(ActivityIdFormat.W3C);
        if (parent != default)
            span.SetParentId(parent.TraceId, parent.SpanId).TraceStateString = parent.TraceState;
        return span.Start();
    }

    private static (ActivityContext Parent, IEnumerable<KeyValuePair<string, string?>>? Baggage) Extract(HttpRequest request)
    {
        DistributedContextPropagator.Current.ExtractTraceIdAndState(request.Headers, Get, out var parent, out var state);
        return ActivityContext.TryParse(parent, state, isRemote: true, out var context)
            ? (context, DistributedContextPropagator.Current.ExtractBaggage(request.Headers, Get))
            : default;
    }

    private static void Get(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        var header = ((IHeaderDictionary)carrier!)[name];
        value = header.Count == 1 ? header[0] : null;
        values = header.Count > 1 ? header.OfType<string>() : null;
    }

    private static void Describe(Activity span, HttpRequest request, Handshake handshake) => span
        .SetTag("http.request.method", MethodOf(request) is "HTTP" ? "_OTHER" : request.Method)
        .SetTag("url.scheme", "https")
        .SetTag("url.path", request.Path.Value) // without the query, which more often holds what is nobody's business
        .SetTag("network.protocol.version", request.Protocol is "HTTP/2" ? "2" : "1.1")
        .SetTag("reprise.profile", EdgeProfile.Of(handshake).Name)
        .SetTag("reprise.mode", HandshakeNames.Of(handshake.Mode));

    // Names are few, whatever clients make up.
    private static string MethodOf(HttpRequest request) => request.Method switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH" => request.Method,
        _ => "HTTP",
    };

    private static string NameOf(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
