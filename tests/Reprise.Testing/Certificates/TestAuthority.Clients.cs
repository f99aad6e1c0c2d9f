using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reprise.Testing;

/// <summary>What sites that authenticate their clients need: authorities under authorities, clients of any validity, revocation lists.</summary>
public sealed partial class TestAuthority
{
    private TestAuthority(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>An authority that may sign others; <see cref="TestAuthority(string)"/> makes one that may not.</summary>
    public static TestAuthority Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TestAuthority(AuthorityRequest(name, key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30)));
    }

    /// <summary>An authority that this one vouches for.</summary>
    public TestAuthority Subordinate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(name, key);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        using var certificate = request.Create(Certificate, Certificate.NotBefore, Certificate.NotAfter, RandomNumberGenerator.GetBytes(16));
        return new TestAuthority(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>A client certificate for a site's users.</summary>
    /// <param name="name">Common name and DNS name.</param>
    /// <param name="key">Kind of its key.</param>
    /// <param name="from">Default: an hour ago.</param>
    /// <param name="to">Default: in two days.</param>
    /// <param name="alternativeNames">Further names, to make it long.</param>
    public X509Certificate2 Client(string name, SiteKey key = SiteKey.EcdsaP256, DateTimeOffset? from = null, DateTimeOffset? to = null, int alternativeNames = 0)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        for (var i = 0; i < alternativeNames; i++)
            names.AddDnsName($"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(30))}.{i}.reprise.test");
        return Issue(name, names, key, (from ?? _notBefore, to ?? _notAfter), ClientAuth);
    }

    /// <summary>A revocation list in PEM.</summary>
    /// <param name="nextUpdate">Default: in a day.</param>
    /// <param name="revoked">Of this authority.</param>
    public string RevocationList(DateTimeOffset? nextUpdate = null, params IReadOnlyList<X509Certificate2> revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
            builder.AddEntry(certificate, DateTimeOffset.UtcNow.AddMinutes(-5));
        var list = builder.Build(
            Certificate, BigInteger.One, nextUpdate ?? DateTimeOffset.UtcNow.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: DateTimeOffset.UtcNow.AddDays(-3));
        return PemEncoding.WriteString("X509 CRL", list) + "\n";
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }
}
