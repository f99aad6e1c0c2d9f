namespace Reprise.Testing;

internal static class RedisArguments
{
    /// <summary>The options of <c>redis-server</c>.</summary>
    public static string[] Of(int port, string bind, RedisOptions options) =>
    [
        "--port", port.ToString(provider: null), "--bind", bind,
        "--save", options.Persistent ? "3600 1" : "", "--appendonly", "no",
        .. options.Password is { } password ? new[] { "--requirepass", password } : [],
    ];
}
