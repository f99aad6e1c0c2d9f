namespace Reprise.Testing;

public sealed record RedisOptions
{
    /// <summary>Null: no AUTH is asked for.</summary>
    public string? Password { get; init; }

    /// <summary>RDB snapshots on: what a node refuses. Not with <see cref="RedisKind.Garnet"/>.</summary>
    public bool Persistent { get; init; }

    /// <summary>Null: a free one.</summary>
    public int? Port { get; init; }

    /// <summary>ACL users besides the default one, as <c>edge on &gt;password ~reprise:* +@all</c>. Not with <see cref="RedisKind.Garnet"/>.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>Null: plain TCP. Only with <see cref="RedisKind.Local"/>, which is then the default.</summary>
    public RedisTls? Tls { get; init; }

    /// <summary>Further options of <c>redis-server</c>, as <c>--maxmemory</c>, <c>2mb</c>. Not with <see cref="RedisKind.Garnet"/>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Of <see cref="RedisKind.Container"/>; null: redis:7.</summary>
    public string? Image { get; init; }

    /// <summary>Null: what <c>REPRISE_TEST_REDIS</c> says, else the first that works of container, local, Garnet.</summary>
    public RedisKind? Kind { get; init; }
}
