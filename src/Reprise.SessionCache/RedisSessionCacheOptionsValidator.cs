using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>Each failure names key, value and what is allowed.</summary>
internal sealed class RedisSessionCacheOptionsValidator : IValidateOptions<RedisSessionCacheOptions>
{
    private const string Section = RedisSessionCacheOptions.SectionName;

    private const string Allowed = "host:port[,host:port...][,option=value...]";

    private static readonly TimeSpan LeastBudget = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MostBudget = TimeSpan.FromSeconds(5);

    public ValidateOptionsResult Validate(string? name, RedisSessionCacheOptions options)
    {
        var failures = new List<string>();
        if (options.Redis.Length > 0 && FaultOf(options.Redis) is { } fault)
            failures.Add(fault);
        RequireFile(failures, nameof(options.PasswordFile), options.PasswordFile);
        RequireFile(failures, nameof(options.SentinelPasswordFile), options.SentinelPasswordFile);
        RequireTls(failures, options);
        RequireTime(failures, nameof(options.LookupBudget), options.LookupBudget, LeastBudget, MostBudget);
        RequireTime(failures, nameof(options.StoreBudget), options.StoreBudget, LeastBudget, MostBudget);
        RequireTime(failures, nameof(options.BreakDuration), options.BreakDuration, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (options.NearCacheEntries is < 0 or > 10_000_000)
            failures.Add($"{Section}:NearCacheEntries is '{options.NearCacheEntries}'; allowed: 0 (none) to 10000000");
        RequireTime(failures, nameof(options.NearCacheAge), options.NearCacheAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    // The string may hold a password: only the complaint is shown.
    private static string? FaultOf(string redis)
    {
        try
        {
            var configuration = ConfigurationOptions.Parse(redis);
            if (configuration.EndPoints.Count == 0)
                return $"{Section}:Redis names no server; allowed: {Allowed}";
            if (configuration.Proxy is not Proxy.None)
                return $"{Section}:Redis has proxy={configuration.Proxy}; allowed: no proxy, which knows neither GETDEL nor the checks";
            return null;
        }
        catch (ArgumentException fault)
        {
            return $"{Section}:Redis is not a StackExchange.Redis connection string ({fault.Message.ReplaceLineEndings(" ")}); allowed: {Allowed}";
        }
    }

    private static void RequireTls(List<string> failures, RedisSessionCacheOptions options)
    {
        if (options.CertificateAuthorityFile is { } authorities)
        {
            RequireSsl(failures, nameof(options.CertificateAuthorityFile), authorities, options.Redis);
            if (!Opens(() => TlsFiles.TrustOnly(authorities).CustomTrustStore.Count > 0))
                failures.Add($"{Section}:CertificateAuthorityFile is '{authorities}'; allowed: a PEM file with certificates that can be read");
        }

        if (options.ClientCertificateFile is null != options.ClientKeyFile is null)
        {
            failures.Add(options.ClientKeyFile is null
                ? $"{Section}:ClientKeyFile is ''; allowed with ClientCertificateFile: the PEM file of its key"
                : $"{Section}:ClientCertificateFile is ''; allowed with ClientKeyFile: the PEM file of its certificate");
        }
        else if (options is { ClientCertificateFile: { } chain, ClientKeyFile: { } key })
        {
            RequireSsl(failures, nameof(options.ClientCertificateFile), chain, options.Redis);
            if (!Opens(() => TlsFiles.ReadPair(chain, key) is not null))
                failures.Add($"{Section}:ClientCertificateFile is '{chain}' and ClientKeyFile '{key}'; allowed: PEM files of a certificate and its own key that can be read");
        }
    }

    // A file for TLS that is not used is a connection in the clear that somebody believes to be none.
    private static void RequireSsl(List<string> failures, string key, string file, string redis)
    {
        try
        {
            if (!ConfigurationOptions.Parse(redis).Ssl)
                failures.Add($"{Section}:{key} is '{file}', and {Section}:Redis has no TLS; allowed with it: host:port,ssl=true");
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

    private static void RequireFile(List<string> failures, string key, string? file)
    {
        if (file is not null && !IsReadable(file))
            failures.Add($"{Section}:{key} is '{file}'; allowed: the path of a file that can be read");
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

    private static void RequireTime(List<string> failures, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            failures.Add($"{Section}:{key} is '{value}'; allowed: {Format(least)} to {Format(most)}");
    }

    private static string Format(TimeSpan time) => time.Milliseconds == 0 ? $"{time}" : $@"{time:hh\:mm\:ss\.fff}";
}
