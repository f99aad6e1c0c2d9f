using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Store;

namespace Reprise.KeyService.Hosting;

/// <summary>Each failure names key, value and what is allowed. Also opens the files, so that a wrong one stops the start.</summary>
internal sealed class KeyServiceOptionsValidator : IValidateOptions<KeyServiceOptions>
{
    private const string Section = KeyServiceOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, KeyServiceOptions options)
    {
        var failures = new List<string>();
        if (options.Name.Length == 0)
            failures.Add($"{Section}:Name is ''; allowed: the name in this service's certificate");
        RequireAddress(failures, nameof(options.Grpc), options.Grpc);
        RequireAddress(failures, nameof(options.Management), options.Management);
        var files = failures.Count;
        RequireFile(failures, nameof(options.Authority), options.Authority);
        RequireFile(failures, nameof(options.Certificate), options.Certificate);
        RequireFile(failures, nameof(options.Key), options.Key);
        if (options.Advertise is { } advertised && (!KeyServiceAddress.TryParse(advertised, out _) || advertised.Contains('/', StringComparison.Ordinal)))
            failures.Add($"{Section}:Advertise is '{advertised}'; allowed: HOST:PORT at which other key services reach this one");
        CheckSealing(failures, options);
        if (failures.Count == files && CheckCredentials(options) is { } fault)
            failures.Add(fault);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckSealing(List<string> failures, KeyServiceOptions options)
    {
        using var key = ReadKey(failures, nameof(options.KeyEncryptionKeyFile), options.KeyEncryptionKeyFile);
        using var older = ReadKey(failures, nameof(options.OlderKeyEncryptionKeyFile), options.OlderKeyEncryptionKeyFile);
        if (options is { KeyEncryptionKeyFile: null, OlderKeyEncryptionKeyFile: { } alone })
            failures.Add($"{Section}:OlderKeyEncryptionKeyFile is '{alone}'; allowed beside {Section}:KeyEncryptionKeyFile only");
        if (key is not null && older is not null && key.Is(older))
            failures.Add($"{Section}:OlderKeyEncryptionKeyFile is '{options.OlderKeyEncryptionKeyFile}', the same key as in {Section}:KeyEncryptionKeyFile; allowed: another, or none");
    }

    private static KeyEncryptionKey? ReadKey(List<string> failures, string name, string? file)
    {
        if (file is null)
            return null;
        if (KeyEncryptionKey.TryRead(file, out var key, out var reason))
            return key;
        failures.Add($"{Section}:{name} is '{file}', which {reason}; allowed: {KeyEncryptionKey.Allowed}");
        return null;
    }

    private static void RequireAddress(List<string> failures, string key, string value)
    {
        if (!ListenAddress.TryParse(value, out _))
            failures.Add($"{Section}:{key} is '{value}'; allowed: IP:PORT, as 0.0.0.0:7001 or [::]:7001, port 0 for a free one");
    }

    private static void RequireFile(List<string> failures, string key, string value)
    {
        if (!File.Exists(value))
            failures.Add($"{Section}:{key} is '{value}'; allowed: the path of an existing PEM file");
    }

    private static string? CheckCredentials(KeyServiceOptions options)
    {
        try
        {
            using var credentials = PeerCredentials.Load(options.Authority, options.Certificate, options.Key);
            var identity = credentials.Identity;
            return identity.Role is KeyRole.KeyService && identity.Name == options.Name
                ? null
                : $"{Section}:Certificate is '{options.Certificate}', the certificate of {identity}; allowed: that of keyservice/{options.Name}";
        }
        catch (PeerCredentialsException fault)
        {
            return $"{Section}: {fault.Message}";
        }
    }
}
