using Microsoft.Extensions.Options;

namespace Reprise.KeyService.Rotation;

/// <summary>Each failure names key, value and what is allowed.</summary>
internal sealed class RotationOptionsValidator : IValidateOptions<RotationOptions>
{
    private const string Section = RotationOptions.SectionName;

    public ValidateOptionsResult Validate(string? name, RotationOptions options)
    {
        var failures = new List<string>();
        Require(failures, nameof(options.Interval), options.Interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        Require(failures, nameof(options.DecryptLife), options.DecryptLife, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        Require(failures, nameof(options.AcknowledgeTimeout), options.AcknowledgeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Require(failures, nameof(options.ActivationDelay), options.ActivationDelay, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Require(failures, nameof(options.MinimumSpacing), options.MinimumSpacing, TimeSpan.Zero, TimeSpan.FromHours(1));
        Require(failures, nameof(options.RevokeTimeout), options.RevokeTimeout, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        // Else the active epoch might come to its end while its successor still waits for nodes.
        if (failures.Count == 0 && options.AcknowledgeTimeout + options.ActivationDelay >= options.Interval)
        {
            failures.Add($"{Section}:AcknowledgeTimeout is '{options.AcknowledgeTimeout}'; allowed: with "
                + $"{Section}:ActivationDelay ('{options.ActivationDelay}') less than {Section}:Interval ('{options.Interval}')");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void Require(List<string> failures, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            failures.Add($"{Section}:{key} is '{value}'; allowed: {least} to {most}");
    }
}
