using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.Identity;

namespace Reprise.KeyProtocol;

/// <summary>Each failure names key, value and what is allowed. Also opens the files, so that a wrong one stops the start.</summary>
internal sealed class KeyRingSubscriberOptionsValidator : IValidateOptions<KeyRingSubscriberOptions>
{
    private const string Section = KeyRingSubscriberOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, KeyRingSubscriberOptions options)
    {
        var failures = new List<string>();
        if (options.Addresses.Count == 0)
            failures.Add($"{Section}:Addresses is empty; allowed: at least one https://HOST:PORT");
        for (var i = 0; i < options.Addresses.Count; i++)
        {
            if (!KeyServiceAddress.TryParse(options.Addresses[i], out _))
                failures.Add($"{Section}:Addresses:{i} is '{options.Addresses[i]}'; allowed: https://HOST:PORT");
        }

        if (options.HeartbeatInterval < TimeSpan.FromSeconds(1) || options.HeartbeatInterval > TimeSpan.FromMinutes(1))
            failures.Add($"{Section}:HeartbeatInterval is '{options.HeartbeatInterval}'; allowed: 00:00:01 to 00:01:00");
        var files = failures.Count;
        RequireFile(failures, nameof(options.Authority), options.Authority);
        RequireFile(failures, nameof(options.Certificate), options.Certificate);
        RequireFile(failures, nameof(options.Key), options.Key);
        if (failures.Count == files && CheckCredentials(options) is { } fault)
            failures.Add(fault);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void RequireFile(List<string> failures, string key, string value)
    {
        if (!File.Exists(value))
            failures.Add($"{Section}:{key} is '{value}'; allowed: the path of an existing PEM file");
    }

    private static string? CheckCredentials(KeyRingSubscriberOptions options)
    {
        try
        {
            using var credentials = PeerCredentials.Load(options.Authority, options.Certificate, options.Key);
            var identity = credentials.Identity;
            if (identity.Role is not KeyRole.Edge)
                return $"{Section}:Certificate is '{options.Certificate}', the certificate of {identity}; allowed: one of the role edge";
            if (options.Node is { } node && node != identity.Name)
                return $"{Section}:Certificate is '{options.Certificate}', the certificate of node '{identity.Name}'; allowed: that of this node, '{node}'";
            return null;
        }
        catch (PeerCredentialsException fault)
        {
            return $"{Section}: {fault.Message}";
        }
    }
}
