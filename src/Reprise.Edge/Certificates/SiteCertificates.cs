using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Certificates;

/// <summary>All certificates of a profile; disposed when its context is made, and the keys with it.</summary>
internal sealed class SiteCertificates : IDisposable
{
    private readonly List<SiteCertificate> _all = [];

    private SiteCertificates()
    {
    }

    public IReadOnlyList<TlsCertificate> Tls => _all.ConvertAll(certificate => certificate.Tls);

    public IReadOnlyList<CertificateFacts> Facts => _all.ConvertAll(certificate => certificate.Facts);

    public IReadOnlyList<byte[]> KeyHashes => _all.ConvertAll(certificate => certificate.KeyHash);

    /// <param name="options">The profile's; paths are absolute.</param>
    /// <param name="section">Its key in the configuration.</param>
    /// <param name="now">Dates count at this moment.</param>
    /// <exception cref="ProfileException">One or more cannot be used; names all of them.</exception>
    public static SiteCertificates Read(ProfileOptions options, string section, DateTimeOffset now)
    {
        var certificates = new SiteCertificates();
        var failures = new List<string>();
        for (var i = 0; i < options.Certificates.Count; i++)
        {
            try
            {
                certificates._all.Add(CertificateFiles.Read(options.Certificates[i], $"{section}:Certificates:{i}", options.Hosts, now));
            }
            catch (ProfileException fault)
            {
                failures.Add(fault.Message);
            }
        }

        certificates.AddDoubles(failures);
        if (failures.Count == 0)
            return certificates;
        certificates.Dispose();
        throw new ProfileException(failures);
    }

    public void Dispose() => _all.ForEach(certificate => certificate.Dispose());

    // OpenSSL keeps one certificate for each key type: a second one would silently take the place of the first.
    private void AddDoubles(List<string> failures)
    {
        foreach (var kind in _all.Select(certificate => certificate.Facts).GroupBy(facts => facts.KeyType).Where(kind => kind.Count() > 1))
            failures.Add($"{kind.Last().Section} has a key of the same type as {kind.First().Section} ({kind.Key}); allowed: one certificate for each key type (ECDSA, RSA, Ed25519)");
    }
}
