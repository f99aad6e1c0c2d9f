using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Reprise.SessionCache;

/// <summary>Each failure names key, value and what is allowed.</summary>
internal sealed class RedisSessionCacheOptionsValidator : IValidateOptions<RedisSessionCacheOptions>
{
    private const string Section = RedisSessionCacheOptions.SectionName;

    private static readonly TimeSpan LeastBudget = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan MostBudget = TimeSpan.FromSeconds(5);

    public ValidateOptionsResult Validate(string? name, RedisSessionCacheOptions options)
    {
        var failures = new List<string>();
        if (options.Redis.Length > 0 && FaultOf(options.Redis) is { } fault)
            failures.Add(fault);
        if (options.PasswordFile is { } file && !IsReadable(file))
            failures.Add($"{Section}:PasswordFile is '{file}'; allowed: the path of a file that can be read");
        RequireTime(failures, nameof(options.LookupBudget), options.LookupBudget, LeastBudget, MostBudget);
        RequireTime(failures, nameof(options.StoreBudget), options.StoreBudget, LeastBudget, MostBudget);
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
            return ConfigurationOptions.Parse(redis).EndPoints.Count > 0 ? null
                : $"{Section}:Redis names no server; allowed: host:port[,option=value...]";
        }
        catch (ArgumentException fault)
        {
            return $"{Section}:Redis is not a StackExchange.Redis connection string ({fault.Message.ReplaceLineEndings(" ")}); allowed: host:port[,option=value...]";
        }
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
