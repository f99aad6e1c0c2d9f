using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.ClientAuthentication;

/// <summary>Checks a profile's client authentication before any file is read. Each failure names key, value and what is allowed.</summary>
internal static class ClientAuthValidator
{
    /// <param name="failures">Where to.</param>
    /// <param name="section">The profile's, as <c>Profiles:shop</c>.</param>
    /// <param name="profile">The profile.</param>
    public static void Validate(List<string> failures, string section, ProfileOptions profile)
    {
        var options = profile.ClientAuth;
        if (options.Mode is ClientAuthMode.None)
        {
            // Somebody believes that clients are verified.
            if (options.Authorities is { Length: > 0 } || options.RevocationLists.Count > 0)
                failures.Add($"{section}:ClientAuth:Mode is 'None' with Authorities or RevocationLists; allowed: Optional or Required with them, None without");
            return;
        }

        if (options.Authorities is not { Length: > 0 } authorities)
            failures.Add($"{section}:ClientAuth:Authorities is '' while Mode is '{options.Mode}'; allowed: the path of an existing PEM file of CA certificates");
        else if (!File.Exists(authorities))
            failures.Add($"{section}:ClientAuth:Authorities is '{authorities}'; allowed: the path of an existing PEM file of CA certificates");
        if (options.Depth is < 0 or > 10)
            failures.Add($"{section}:ClientAuth:Depth is '{options.Depth}'; allowed: 0 (no intermediates) to 10");
        for (var i = 0; i < options.RevocationLists.Count; i++)
        {
            if (!File.Exists(options.RevocationLists[i]))
                failures.Add($"{section}:ClientAuth:RevocationLists:{i} is '{options.RevocationLists[i]}'; allowed: the path of an existing file of revocation lists, PEM or DER");
        }
    }
}
