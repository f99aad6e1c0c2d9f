using Reprise.Edge.Tests.Harness;

namespace Reprise.Edge.Tests.Traces;

/// <summary>A node that traces every handshake, and whom it tells.</summary>
public sealed class TracedEdge(EdgeWorld world) : IAsyncLifetime
{
    internal EdgeWorld World => world;

    internal Collector Collector { get; private set; } = null!;

    internal EdgeNode Edge { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Collector = await Collector.StartAsync();
        Edge = await world.StartEdgeAsync(world.Settings("edge-3").With("Telemetry:Endpoint", Collector.Address).With("Telemetry:TracesSampleRatio", 1));
    }

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        await Collector.DisposeAsync();
    }
}
