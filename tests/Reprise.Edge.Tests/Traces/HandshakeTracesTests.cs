using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Reprise.Edge.Traces;
using Reprise.Tls;

namespace Reprise.Edge.Tests.Traces;

/// <summary>A handshake that is not traced pays nothing for those that are.</summary>
public sealed class HandshakeTracesTests
{
    private const int Rounds = 1000;

    [Fact]
    public void Of_WithoutAListener_IsNothingAndAllocatesNothing() => Assert.Equal(0, AllocatedBy(ratio: 1));

    [Fact]
    public void Of_NotSampled_IsNothingAndAllocatesNothing()
    {
        using var listener = Listen();

        Assert.Equal(0, AllocatedBy(ratio: 0));
    }

    [Fact]
    public void Of_Sampled_IsTheSameForTheWholeHandshake()
    {
        using var listener = Listen();
        var traces = Create(ratio: 1);
        var handshake = Handshake();

        var trace = traces.Of(handshake);

        Assert.NotNull(trace);
        Assert.Same(trace, traces.Of(handshake));
        Assert.Null(Activity.Current); // nothing that begins on this thread is a part of it
    }

    [Fact]
    public void Of_ARatio_HoldsForHandshakesNotForCalls()
    {
        using var listener = Listen();
        var traces = Create(ratio: 0.5);
        var sampled = 0;
        for (var i = 0; i < 2000; i++)
        {
            var handshake = Handshake();
            for (var call = 0; call < 5; call++)
                Assert.Equal(traces.Of(handshake), traces.Of(handshake));
            sampled += traces.Of(handshake) is null ? 0 : 1;
        }

        Assert.InRange(sampled, 800, 1200); // nine standard deviations
    }

    private static long AllocatedBy(double ratio)
    {
        var traces = Create(ratio);
        var handshakes = Enumerable.Range(0, Rounds).Select(_ => Handshake()).ToArray();
        Assert.Null(traces.Of(Handshake()));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var handshake in handshakes)
            _ = traces.Of(handshake);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static ActivityListener Listen()
    {
        var listener = new ActivityListener { ShouldListenTo = source => source.Name == "Reprise.Edge", Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static HandshakeTraces Create(double ratio) => new(Options.Create(new EdgeTelemetryOptions { TracesSampleRatio = ratio }), TimeProvider.System);

    private static Handshake Handshake() => (Handshake)RuntimeHelpers.GetUninitializedObject(typeof(Handshake));
}
