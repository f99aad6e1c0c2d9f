using Reprise.Edge.Certificates;
using Reprise.Edge.ClientAuthentication;
using Reprise.Edge.Hosting;

namespace Reprise.Edge.Profiles;

/// <summary>Checks all profiles together. Each failure names key, value and what is allowed.</summary>
internal static class ProfileValidator
{
    private const string Section = ProfileOptions.SectionName;

    public static IReadOnlyList<string> Validate(IReadOnlyDictionary<string, ProfileOptions> profiles, bool hasSessionStore, EdgeOptions edge)
    {
        var failures = new List<string>();
        if (profiles.Count == 0)
            failures.Add($"{Section} is empty; allowed: one profile or more");
        foreach (var (name, profile) in profiles)
        {
            // It goes through routing as a header's value, and into logs.
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
                failures.Add($"{Section}:{name} is a profile's name; allowed: letters, digits, '-', '_' and '.'");
            ValidateHosts(failures, name, profile);
            ValidatePolicy(failures, name, profile, hasSessionStore);
        }

        ListenerProfiles.Validate(failures, profiles, edge);
        return failures;
    }

    private static void ValidateHosts(List<string> failures, string name, ProfileOptions profile)
    {
        for (var i = 0; i < profile.Hosts.Count; i++)
        {
            var host = profile.Hosts[i];
            if (!HostPattern.IsValid(host))
                failures.Add($"{Section}:{name}:Hosts:{i} is '{host}'; allowed: {HostPattern.AllowedFor(host)}");
        }
    }

    private static void ValidatePolicy(List<string> failures, string name, ProfileOptions profile, bool hasSessionStore)
    {
        var section = $"{Section}:{name}";
        if (profile.Certificates.Count == 0)
            failures.Add($"{section}:Certificates is empty; allowed: one or more of Chain and Key, or Pkcs12");
        for (var i = 0; i < profile.Certificates.Count; i++)
            CertificateFiles.Validate(failures, $"{section}:Certificates:{i}", profile.Certificates[i]);

        TlsPolicy.Validate(failures, section, profile.Tls);
        var resumption = profile.Resumption;
        RequireTime(failures, $"{section}:Resumption:SessionTimeout", resumption.SessionTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7));
        RequireTime(failures, $"{section}:Resumption:MaxSessionAge", resumption.MaxSessionAge, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        if (resumption.TicketsPerHandshake is < 0 or > 8)
            failures.Add($"{section}:Resumption:TicketsPerHandshake is '{resumption.TicketsPerHandshake}'; allowed: 0 to 8");
        if (resumption.NearCacheEntries is < 0 or > 10_000_000)
            failures.Add($"{section}:Resumption:NearCacheEntries is '{resumption.NearCacheEntries}'; allowed: 0 (none) to 10000000");
        if (resumption.NearCacheAge is { } age)
            RequireTime(failures, $"{section}:Resumption:NearCacheAge", age, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        if (resumption.Stateful && !hasSessionStore)
            failures.Add($"{section}:Resumption:Stateful is 'true' without Sessions:Redis; allowed: false, or an address in Sessions:Redis");
        if (resumption.Tls13 is Tls.Tls13ResumptionMode.Stateful && !resumption.Stateful)
            failures.Add($"{section}:Resumption:Tls13 is 'Stateful' while Stateful is 'false'; allowed: Stateless, None");
        if (resumption.Tls13 is Tls.Tls13ResumptionMode.Stateless && !resumption.Stateless)
            failures.Add($"{section}:Resumption:Tls13 is 'Stateless' while Stateless is 'false'; allowed: Stateful, None");
        ClientAuthValidator.Validate(failures, section, profile);
        RequireTime(failures, $"{section}:HandshakeTimeout", profile.HandshakeTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        RequireTime(failures, $"{section}:IdleTimeout", profile.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }

    internal static void RequireTime(List<string> failures, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            failures.Add($"{key} is '{value}'; allowed: {least} to {most}");
    }
}
