using System.Security.Cryptography.X509Certificates;
using Reprise.Edge.Profiles;

namespace Reprise.Edge.Certificates;

/// <summary>What is wrong with a chain for some clients or some names, and so no reason to serve nobody.</summary>
internal static class ChainWarnings
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string TlsFeature = "1.3.6.1.5.5.7.1.24"; // RFC 7633: "must staple"

    public static IEnumerable<string> Of(IReadOnlyList<X509Certificate2> chain, CertificateOptions options, IEnumerable<string> hosts, string source)
    {
        var leaf = chain[0];
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames()).ToList();
        var missing = hosts.Where(host => !Covers(leaf, names, host)).ToList();
        if (missing.Count > 0)
            yield return $"{source}, which is not for {string.Join(", ", missing)}: clients that ask for these names will refuse it (it is for {(names.Count > 0 ? string.Join(", ", names) : "no name")})";
        var usages = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        if (usages is not null && usages.EnhancedKeyUsages[ServerAuth] is null)
            yield return $"{source}, which is not for servers (no serverAuth among its extended key usages): clients will refuse it";
        if (options.OcspResponse is null && leaf.Extensions[TlsFeature] is not null)
            yield return $"{source}, which wants an OCSP response to be stapled, without OcspResponse: some clients will refuse it";
        if (LacksIntermediates(chain))
            yield return $"{source}, which ends with {chain[^1].Subject}: its issuer {chain[^1].Issuer} is no authority that this system trusts, so clients that do not have it by chance will refuse the chain; add it";
        foreach (var file in new[] { options.Key, options.Pkcs12, options.PasswordFile })
        {
            if (!string.IsNullOrEmpty(file) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                yield return $"'{file}' of {source} can be read or written by every user of this machine; take that away: chmod o-rw";
        }
    }

    private static bool Covers(X509Certificate2 leaf, List<string> names, string host) => HostPattern.IsWildcard(host)
        ? names.Contains(host, StringComparer.OrdinalIgnoreCase)
        : leaf.MatchesHostname(host, allowWildcards: true, allowCommonName: false);

    // Public authorities say where their own certificate is to be had (RFC 5280 section 4.2.2.1), and never sign leaves with a root.
    // Without that it is a private authority's, whose root clients have, or not, for reasons of their own.
    private static bool LacksIntermediates(IReadOnlyList<X509Certificate2> chain)
    {
        var last = chain[^1];
        if (last.IssuerName.RawData.AsSpan().SequenceEqual(last.SubjectName.RawData))
            return false;
        var access = last.Extensions.OfType<X509AuthorityInformationAccessExtension>().FirstOrDefault();
        if (access is null || !access.EnumerateCAIssuersUris().Any())
            return false;
        using var roots = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        return !roots.Certificates.Any(root => root.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData));
    }
}
