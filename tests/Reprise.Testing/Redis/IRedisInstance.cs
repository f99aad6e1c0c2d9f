namespace Reprise.Testing;

/// <summary>One run of a server on a fixed loopback port. <see cref="IAsyncDisposable.DisposeAsync"/> is its hard end.</summary>
internal interface IRedisInstance : IAsyncDisposable
{
    /// <summary>An orderly end.</summary>
    Task StopAsync();

    /// <summary>Connections are accepted and nothing is answered.</summary>
    /// <exception cref="NotSupportedException">Garnet cannot.</exception>
    Task PauseAsync();

    Task ContinueAsync();
}
