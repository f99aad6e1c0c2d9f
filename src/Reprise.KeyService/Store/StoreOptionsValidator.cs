using System.Net;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Hosting;
using Reprise.Redis;

namespace Reprise.KeyService.Store;

/// <summary>Each failure names key, value and what is allowed.</summary>
internal sealed class StoreOptionsValidator(IOptions<KeyServiceOptions> service) : IValidateOptions<StoreOptions>
{
    private const string Section = StoreOptions.SectionName;

    private static readonly TimeSpan s_leastLease = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_mostLease = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        var failures = new List<string>();
        RedisConnectionRules.Check(Section, options, failures);
        if (options.LeaseDuration < s_leastLease || options.LeaseDuration > s_mostLease)
            failures.Add($"{Section}:LeaseDuration is '{options.LeaseDuration}'; allowed: {s_leastLease} to {s_mostLease}");
        if (options.Redis.Length > 0 && Service is { } known)
            CheckService(known, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    // Null: wrong in themselves, which is said elsewhere.
    private KeyServiceOptions? Service
    {
        get
        {
            try
            {
                return service.Value;
            }
            catch (OptionsValidationException)
            {
                return null;
            }
        }
    }

    // What a key service needs that is not alone.
    private static void CheckService(KeyServiceOptions options, List<string> failures)
    {
        const string section = KeyServiceOptions.SectionName;
        if (options.KeyEncryptionKeyFile is null)
            failures.Add($"{section}:KeyEncryptionKeyFile is ''; allowed with {Section}:Redis: the path of {KeyEncryptionKey.Allowed}");
        var address = ListenAddress.Parse(options.Grpc).Address;
        if (options.Advertise is null && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            failures.Add($"{section}:Advertise is ''; allowed with {Section}:Redis, where {section}:Grpc is '{options.Grpc}': HOST:PORT at which other key services reach this one");
    }
}
