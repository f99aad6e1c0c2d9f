using System.Globalization;
using Reprise.Edge.Profiles;
using Reprise.SessionCache;

namespace Reprise.Edge.Reload;

/// <summary><c>--check</c>: reads and verifies everything as a start or a reload would, and listens nowhere.</summary>
internal static class CheckCommand
{
    /// <returns>The exit code: 0 if a node would start with it.</returns>
    public static int Run(string path, TextWriter output, TextWriter errors)
    {
        var configuration = NodeConfiguration.Read(path);
        var failures = configuration.Failures.ToList();
        // Of a profile that is wrong already, opening its files would only repeat it.
        var sound = configuration.Sound();
        var table = sound.File is null ? null : TableLoader.TryLoad(sound, new RedisSessionCacheOptions(), store: null, TimeProvider.System.GetUtcNow(), former: null, failures);
        if (failures.Count > 0)
        {
            foreach (var failure in failures)
                errors.WriteLine(failure);
            errors.WriteLine($"{path}: {failures.Count} {(failures.Count == 1 ? "problem" : "problems")}");
            return 1;
        }

        output.WriteLine($"{path}: ok");
        foreach (var profile in table!.All)
        {
            output.WriteLine($"profile {profile.Name}: {Hosts(profile)}");
            foreach (var certificate in profile.Certificates)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {certificate.KeyType} certificate, valid until {certificate.NotAfter:yyyy-MM-dd HH:mm} UTC"));
                foreach (var warning in certificate.Warnings)
                    output.WriteLine($"  warning: {warning}");
            }
        }

        return 0;
    }

    private static string Hosts(EdgeProfile profile) => profile.Options.Hosts.Count > 0 ? string.Join(", ", profile.Options.Hosts) : "any other host";
}
