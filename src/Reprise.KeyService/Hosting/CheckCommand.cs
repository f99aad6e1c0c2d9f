using Reprise.KeyProtocol.Hosting;

namespace Reprise.KeyService.Hosting;

/// <summary><c>--check</c>: reads and verifies the configuration as a start would, and listens nowhere.</summary>
internal static class CheckCommand
{
    /// <returns>The exit code: 0 if a key service would start with it.</returns>
    /// <exception cref="ConfigurationFileException">No such file, or not JSON.</exception>
    public static int Run(string path, TextWriter output, TextWriter errors)
    {
        var failures = new List<string>();
        var file = ConfigurationFile.Read(path, failures);
        failures.AddRange(KeyServiceHost.Validate(file));
        foreach (var failure in failures)
            errors.WriteLine(failure);
        (failures.Count == 0 ? output : errors).WriteLine(failures.Count == 0 ? $"{path}: ok" : $"{path}: {failures.Count} {(failures.Count == 1 ? "problem" : "problems")}");
        return failures.Count == 0 ? 0 : 1;
    }
}
