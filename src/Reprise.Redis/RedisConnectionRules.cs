using System.Security.Cryptography;
using StackExchange.Redis;

namespace Reprise.Redis;

/// <summary>What is allowed in <see cref="RedisConnectionOptions"/>.</summary>
internal static class RedisConnectionRules
{
    private const string Allowed = "host:port[,host:port...][,option=value...]";

    /// <summary>Adds one line for each key that is not as it may be: key, value and what is allowed.</summary>
    /// <param name="section">That the keys stand in.</param>
    /// <param name="options">As they were given.</param>
    /// <param name="failures">To add to.</param>
    public static void Check(string section, RedisConnectionOptions options, List<string> failures)
    {
        if (options.Redis.Length > 0 && FaultOf(section, options.Redis) is { } fault)
            failures.Add(fault);
        RequireFile(section, failures, nameof(options.PasswordFile), options.PasswordFile);
        RequireFile(section, failures, nameof(options.SentinelPasswordFile), options.SentinelPasswordFile);
        RequireTls(section, options, failures);
    }

    // The string may hold a password: only the complaint is shown.
    private static string? FaultOf(string section, string redis)
    {
        try
        {
            var configuration = ConfigurationOptions.Parse(redis);
            if (configuration.EndPoints.Count == 0)
                return $"{section}:Redis names no server; allowed: {Allowed}";
            if (configuration.Proxy is not Proxy.None)
                return $"{section}:Redis has proxy={configuration.Proxy}; allowed: no proxy, which knows not all the commands that are needed";
            return null;
        }
        catch (ArgumentException fault)
        {
            return $"{section}:Redis is not a StackExchange.Redis connection string ({fault.Message.ReplaceLineEndings(" ")}); allowed: {Allowed}";
        }
    }

    private static void RequireTls(string section, RedisConnectionOptions options, List<string> failures)
    {
        if (options.CertificateAuthorityFile is { } authorities)
        {
            RequireSsl(section, failures, nameof(options.CertificateAuthorityFile), authorities, options.Redis);
            if (!Opens(() => TlsFiles.TrustOnly(authorities).CustomTrustStore.Count > 0))
                failures.Add($"{section}:CertificateAuthorityFile is '{authorities}'; allowed: a PEM file with certificates that can be read");
        }

        if (options.ClientCertificateFile is null != options.ClientKeyFile is null)
        {
            failures.Add(options.ClientKeyFile is null
                ? $"{section}:ClientKeyFile is ''; allowed with ClientCertificateFile: the PEM file of its key"
                : $"{section}:ClientCertificateFile is ''; allowed with ClientKeyFile: the PEM file of its certificate");
        }
        else if (options is { ClientCertificateFile: { } chain, ClientKeyFile: { } key })
        {
            RequireSsl(section, failures, nameof(options.ClientCertificateFile), chain, options.Redis);
            if (!Opens(() => TlsFiles.ReadPair(chain, key) is not null))
                failures.Add($"{section}:ClientCertificateFile is '{chain}' and ClientKeyFile '{key}'; allowed: PEM files of a certificate and its own key that can be read");
        }
    }

    // A file for TLS that is not used is a connection in the clear that somebody believes to be none.
    private static void RequireSsl(string section, List<string> failures, string key, string file, string redis)
    {
        try
        {
            if (!ConfigurationOptions.Parse(redis).Ssl)
                failures.Add($"{section}:{key} is '{file}', and {section}:Redis has no TLS; allowed with it: host:port,ssl=true");
        }
        catch (ArgumentException)
        {
            // said already
        }
    }

    private static bool Opens(Func<bool> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static void RequireFile(string section, List<string> failures, string key, string? file)
    {
        if (file is not null && !IsReadable(file))
            failures.Add($"{section}:{key} is '{file}'; allowed: the path of a file that can be read");
    }

    private static bool IsReadable(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
