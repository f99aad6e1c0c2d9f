using Microsoft.Extensions.Options;
using Reprise.Redis;

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
        RedisConnectionRules.Check(Section, options, failures);
        RequireTime(failures, nameof(options.LookupBudget), options.LookupBudget, LeastBudget, MostBudget);
        RequireTime(failures, nameof(options.StoreBudget), options.StoreBudget, LeastBudget, MostBudget);
        RequireTime(failures, nameof(options.BreakDuration), options.BreakDuration, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (options.NearCacheEntries is < 0 or > 10_000_000)
            failures.Add($"{Section}:NearCacheEntries is '{options.NearCacheEntries}'; allowed: 0 (none) to 10000000");
        RequireTime(failures, nameof(options.NearCacheAge), options.NearCacheAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void RequireTime(List<string> failures, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            failures.Add($"{Section}:{key} is '{value}'; allowed: {Format(least)} to {Format(most)}");
    }

    private static string Format(TimeSpan time) => time.Milliseconds == 0 ? $"{time}" : $@"{time:hh\:mm\:ss\.fff}";
}
