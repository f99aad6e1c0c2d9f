using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Traces;

/// <summary>A span per handshake, as the collector gets it.</summary>
public sealed class HandshakeTraceTests(TracedEdge traced) : IClassFixture<TracedEdge>
{
    [Fact]
    public async Task Handshake_Full_HasASpanWithWhatWasAgreed()
    {
        var visit = await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateless);

        var span = await traced.Collector.SpanAsync(span => Is(span, "full", "stateless", "1.3"));

        Assert.Equal(("Reprise.Edge", "", "tls", "false", "true"), (span.Scope, span.ParentId, span["tls.protocol.name"], span["tls.resumed"], span["tls.established"]));
        Assert.Equal((visit.Client.Cipher, "x25519"), (span["tls.cipher"], span["tls.curve"]));
        Assert.Equal(("reprise-edge", "edge-3"), (span.Of("service.name"), span.Of("service.instance.id")));
        Assert.True(span.Span.EndTimeUnixNano > span.Span.StartTimeUnixNano);
    }

    [Fact]
    public async Task Handshake_ResumedByAStoredSession_HasALookupWithin()
    {
        var session = traced.World.File($"traced-{Guid.NewGuid():n}.pem");
        await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);
        var visit = await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: session);

        var span = await traced.Collector.SpanAsync(span => Is(span, "stateful", "stateful", "1.3"));
        var lookup = await traced.Collector.SpanAsync(each => each.Name == "session.lookup" && each.ParentId == span.SpanId);

        Assert.Equal(HandshakeKind.Resumed, visit.Kind);
        Assert.Equal(("true", "edge-3", visit.Report.GetProperty("epoch").ToString()), (span["tls.resumed"], span["reprise.issuer"], span["reprise.epoch"]));
        Assert.Equal((span.TraceId, "hit"), (lookup.TraceId, lookup["reprise.result"]));
        Assert.InRange(lookup.Span.StartTimeUnixNano, span.Span.StartTimeUnixNano, span.Span.EndTimeUnixNano);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Handshake_ThatMakesAStoredSession_HasItsStoreWithin(string version)
    {
        await traced.Edge.VisitAsync(version, EdgeSettings.Stateful, noTicket: version == "1.2");

        var span = await traced.Collector.SpanAsync(span => Is(span, "full", "stateful", version) && span["reprise.declined"] is null);
        var store = await traced.Collector.SpanAsync(each => each.Name == "session.store" && each.ParentId == span.SpanId);

        Assert.Equal((span.TraceId, "ok", "redis"), (store.TraceId, store["reprise.result"], store["db.system.name"]));
    }

    [Fact]
    public async Task Handshake_DeclinedSession_SaysWhy()
    {
        var session = traced.World.File($"traced-{Guid.NewGuid():n}.pem");
        await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateful, keep: session);
        await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: session);
        var third = await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateful, offer: session); // a handle is good for one

        var span = await traced.Collector.SpanAsync(span => span.Name == "tls.handshake" && span["reprise.declined"] is not null);

        Assert.Equal(HandshakeKind.Full, third.Kind);
        Assert.Equal(third.Declined, span["reprise.declined"]);
    }

    [Fact]
    public async Task Handshake_ThatFails_IsAnError()
    {
        await new OpenSsl(traced.Edge.Tls) { Version = "1.2", ServerName = EdgeSettings.Stateless, CaFile = traced.Edge.Authority, Arguments = ["-cipher", "AES256-SHA"] }.RunAsync();

        var span = await traced.Collector.SpanAsync(span => span.Name == "tls.handshake" && span["tls.established"] == "false");

        Assert.Equal(("client", 2), (span["error.type"], span.Span.Status.Code)); // STATUS_CODE_ERROR
        Assert.NotEmpty(span.Span.Status.Message);
    }

    // As of metrics: nothing that names a client or where it goes.
    [Fact]
    public async Task Spans_OfHandshakes_NameNoClient()
    {
        await traced.Edge.VisitAsync("1.3", EdgeSettings.Stateful);
        await traced.Collector.SpanAsync(span => Is(span, "full", "stateful", "1.3"));

        foreach (var span in traced.Collector.Spans.Where(span => span.Name.StartsWith("tls.", StringComparison.Ordinal) || span.Name.StartsWith("session.", StringComparison.Ordinal)))
        {
            foreach (var attribute in span.Span.Attributes)
            {
                var value = span[attribute.Key]!;
                Assert.DoesNotContain("reprise.test", value, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("127.0.0.1", value, StringComparison.Ordinal);
                Assert.True(value.Length < 40, $"{attribute.Key} is {value}");
            }
        }
    }

    private static bool Is(SeenSpan span, string mode, string profile, string version) =>
        span.Name == "tls.handshake" && span["reprise.mode"] == mode && span["reprise.profile"] == profile && span["tls.protocol.version"] == version;
}
