namespace Reprise.Testing;

internal static class RedisArguments
{
    /// <summary>The options of <c>redis-server</c>.</summary>
    public static string[] Of(int port, string bind, RedisOptions options) =>
    [
        .. Port(port, options.Tls), "--bind", bind,
        "--save", options.Persistent ? "3600 1" : "", "--appendonly", "no",
        .. options.Password is { } password ? new[] { "--requirepass", password } : [],
        .. options.Users.SelectMany(user => (IEnumerable<string>)["--user", .. user.Split(' ')]),
        .. options.Arguments,
    ];

    private static string[] Port(int port, RedisTls? tls)
    {
        var number = port.ToString(provider: null);
        return tls is null
            ? ["--port", number]
            : ["--port", "0", "--tls-port", number, "--tls-cert-file", tls.Certificate.Chain, "--tls-key-file", tls.Certificate.Key,
                "--tls-ca-cert-file", tls.Authority, "--tls-auth-clients", tls.ClientCertificate is null ? "no" : "yes"];
    }
}
