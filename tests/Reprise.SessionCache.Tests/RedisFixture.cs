using Reprise.Testing;

[assembly: AssemblyFixture(typeof(Reprise.SessionCache.Tests.RedisFixture))]

namespace Reprise.SessionCache.Tests;

/// <summary>A Redis that all tests share which do it no harm.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
