namespace Reprise.Edge.Tests.Harness;

/// <summary>Two nodes that tests share one after the other, and do no harm to.</summary>
public sealed class TwoEdges(EdgeWorld world) : IAsyncLifetime
{
    public const string Collection = "two edges";

    internal EdgeWorld World => world;

    internal EdgeNode One { get; private set; } = null!;

    internal EdgeNode Two { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var one = world.StartEdgeAsync(world.Settings("edge-1"));
        Two = await world.StartEdgeAsync(world.Settings("edge-2"));
        One = await one;
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
    }
}

[CollectionDefinition(TwoEdges.Collection)]
public sealed class TwoEdgesCollection : ICollectionFixture<TwoEdges>;
