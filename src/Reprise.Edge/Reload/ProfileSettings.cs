using System.Security.Cryptography;
using System.Text;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol.Hosting;

namespace Reprise.Edge.Reload;

/// <summary>A profile as its file has it, with all that a change of it can be told by.</summary>
/// <param name="Name">The profile's.</param>
/// <param name="Options">With absolute paths.</param>
/// <param name="Files">Every file that they name.</param>
/// <param name="Text">All settings, in an order of their own.</param>
internal sealed record ProfileSettings(string Name, ProfileOptions Options, IReadOnlyList<string> Files, string Text)
{
    public static IReadOnlyList<ProfileSettings> Read(SettingsFile file)
    {
        var section = file.Configuration.GetSection(ProfileOptions.SectionName);
        return [.. (section.Get<Dictionary<string, ProfileOptions>>() ?? []).Select(pair => Read(pair.Key, pair.Value, file, section.GetSection(pair.Key)))];
    }

    /// <summary>Of settings and contents of files: equal, and the profile in service is what is asked for.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(Text));
        foreach (var file in Files)
            hash.AppendData(FileContent.Hash(file));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static ProfileSettings Read(string name, ProfileOptions options, SettingsFile file, IConfigurationSection section)
    {
        var files = new List<string>();
        options.Resolve(Take);
        var settings = section.AsEnumerable(makePathsRelative: true).OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase);
        return new ProfileSettings(name, options, files, string.Join('\n', settings.Select(pair => $"{pair.Key.ToUpperInvariant()}={pair.Value}")));

        string Take(string path)
        {
            var full = file.Resolve(path);
            if (full.Length > 0)
                files.Add(full);
            return full;
        }
    }
}
