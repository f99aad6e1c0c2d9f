using Reprise.Edge.Tests.Harness;

namespace Reprise.Conformance.Tests.Resumption;

/// <summary>Three nodes with one Redis and one key service.</summary>
public sealed class ThreeNodes(EdgeWorld world) : IAsyncLifetime
{
    internal EdgeWorld World => world;

    internal EdgeNode[] All { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        All = await Task.WhenAll(Enumerable.Range(1, 3).Select(i => world.StartEdgeAsync(world.Settings($"edge-{i}"))));
        // A node does not wait for its store at the start; these tests look for sessions at once.
        await Task.WhenAll(All.Select(node => node.MetricsSayAsync(now => now.Sum("reprise_store_connected") == 1)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in All)
            await node.DisposeAsync();
    }
}
