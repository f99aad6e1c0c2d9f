using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Dashboard.SignIn;

namespace Reprise.KeyService.Dashboard;

/// <summary>Each failure names key, value and what is allowed. Also opens the files, so that a wrong one stops the start.</summary>
internal sealed class DashboardOptionsValidator : IValidateOptions<DashboardOptions>
{
    private const string Section = DashboardOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, DashboardOptions options)
    {
        var failures = new List<string>();
        if (options.Listen.Length > 0 && !ListenAddress.TryParse(options.Listen, out _))
            failures.Add($"{Section}:Listen is '{options.Listen}'; allowed: IP:PORT, as 0.0.0.0:7003 or [::]:7003, port 0 for a free one; or nothing, for no dashboard");
        // No dashboard, no secrets of it: its files may be where the other machines are.
        if (options.Listen.Length > 0)
            CheckFiles(failures, options);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckFiles(List<string> failures, DashboardOptions options)
    {
        if (options.TokenFile is { } file && !AccessToken.TryRead(file, out _, out var reason))
            failures.Add($"{Section}:TokenFile is '{file}', which {reason}; allowed: {AccessToken.Allowed}");
        if (options.Certificate is null != options.Key is null)
            failures.Add($"{Section}:{(options.Key is null ? "Key" : "Certificate")} is not set; allowed: both {Section}:Certificate and {Section}:Key, or neither");
        else if (options is { Certificate: { } certificate, Key: { } key } && CheckCertificate(certificate, key) is { } fault)
            failures.Add(fault);
    }

    private static string? CheckCertificate(string certificate, string key)
    {
        try
        {
            ShownCertificate.Load(certificate, key).Dispose();
            return null;
        }
        catch (PeerCredentialsException fault)
        {
            return $"{Section}: {fault.Message}";
        }
    }
}
