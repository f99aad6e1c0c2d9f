using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Reprise.KeyProtocol.Telemetry;

/// <summary>Each failure names key, value and what is allowed. Also opens the files, so that a wrong one stops the start.</summary>
/// <typeparam name="TOptions">Of the host.</typeparam>
public class TelemetryOptionsValidator<TOptions> : IValidateOptions<TOptions>
    where TOptions : TelemetryOptions
{
    protected const string Section = TelemetryOptions.SectionName;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var failures = new List<string>();
        if (options.Endpoint is { Length: > 0 } endpoint && !IsEndpoint(endpoint))
            failures.Add($"{Section}:Endpoint is '{endpoint}'; allowed: http://HOST:PORT or https://HOST:PORT");
        RequireBetween(failures, nameof(options.Timeout), options.Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        RequireBetween(failures, nameof(options.MetricsInterval), options.MetricsInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (options.HeadersFile is { } headers && WhyNot(() => CollectorHeaders.Read(headers)) is { } reason)
            failures.Add($"{Section}:HeadersFile is '{headers}'; allowed: a readable file with lines NAME: VALUE ({reason})");
        if (options.HeadersFile is not null && Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var collector) && collector.Scheme is "http" && !collector.IsLoopback)
            failures.Add($"{Section}:Endpoint is '{options.Endpoint}'; allowed with {Section}:HeadersFile: https, or this machine: headers are secrets");
        if (options.CertificateAuthorityFile is { } authorities && WhyNot(() => ReadAuthorities(authorities)) is { } why)
            failures.Add($"{Section}:CertificateAuthorityFile is '{authorities}'; allowed: a readable PEM file of CA certificates ({why})");
        Check(failures, options);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>What the host's own settings add.</summary>
    protected virtual void Check(ICollection<string> failures, TOptions options)
    {
    }

    private static bool IsEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri is { UserInfo: "", Query: "", Fragment: "" };

    private static void RequireBetween(List<string> failures, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            failures.Add($"{Section}:{key} is '{value}'; allowed: {least} to {most}");
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new FormatException("without a certificate");
    }

    private static string? WhyNot(Func<object> read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or CryptographicException or ArgumentException)
        {
            return fault.Message.ReplaceLineEndings(" ");
        }
    }
}
