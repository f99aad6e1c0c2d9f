namespace Reprise.Testing;

public sealed record RedisOptions
{
    /// <summary>Null: no AUTH is asked for.</summary>
    public string? Password { get; init; }

    /// <summary>RDB snapshots on: what a node refuses. Not with <see cref="RedisKind.Garnet"/>.</summary>
    public bool Persistent { get; init; }

    /// <summary>Null: a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Null: what <c>REPRISE_TEST_REDIS</c> says, else the first that works of container, local, Garnet.</summary>
    public RedisKind? Kind { get; init; }
}
