using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reprise.Testing;

/// <summary>
/// A certification authority of this run's own, in memory: nothing signed by it means anything to anybody else.
/// It issues what <c>reprise certs init</c> would, with other code, so that product and tests check each other.
/// The caller disposes what it is given.
/// </summary>
public sealed partial class TestAuthority : IDisposable
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private static readonly string[] DefaultHosts =
        ["stateful.reprise.test", "stateless.reprise.test", "*.reprise.test", "localhost"];

    private readonly DateTimeOffset _notBefore = DateTimeOffset.UtcNow.AddHours(-1);
    private readonly DateTimeOffset _notAfter = DateTimeOffset.UtcNow.AddDays(2);

    public TestAuthority(string name = "Reprise test CA")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = request.CreateSelfSigned(_notBefore, _notAfter);
    }

    /// <summary>The authority's own certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A server certificate. Without hosts: those of <c>up</c>, localhost and the loopback addresses.</summary>
    public X509Certificate2 Site(SiteKey key = SiteKey.EcdsaP256, params IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Count > 0 ? hosts : DefaultHosts)
            names.AddDnsName(host);
        AddLoopback(names);
        return Issue(hosts.Count > 0 ? hosts[0] : "reprise.test", names, key, ServerAuth);
    }

    /// <summary>A client certificate with the role <c>edge</c>.</summary>
    public X509Certificate2 Edge(string name = "edge-1") => Role("edge", name);

    /// <summary>A client certificate with the role <c>admin</c>.</summary>
    public X509Certificate2 Admin(string name = "admin") => Role("admin", name);

    /// <summary>A certificate with the role <c>keyservice</c>: it serves, and calls its peers.</summary>
    public X509Certificate2 KeyService(string name = "keys-1")
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"spiffe://reprise/keyservice/{name}"));
        foreach (var host in new[] { "keyservice", name, "localhost" })
            names.AddDnsName(host);
        AddLoopback(names);
        return Issue(name, names, SiteKey.EcdsaP256, ServerAuth, ClientAuth);
    }

    /// <summary>A client certificate with any role, also one that does not exist.</summary>
    public X509Certificate2 Role(string role, string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"spiffe://reprise/{role}/{name}"));
        return Issue(name, names, SiteKey.EcdsaP256, ClientAuth);
    }

    /// <summary>A client certificate of this authority with no role in it.</summary>
    public X509Certificate2 Nobody(string name = "nobody")
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        return Issue(name, names, SiteKey.EcdsaP256, ClientAuth);
    }

    /// <summary>Writes <c>ca.crt</c> (not the authority's key).</summary>
    /// <returns>Its path.</returns>
    public string WriteAuthority(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "ca.crt");
        File.WriteAllText(path, Certificate.ExportCertificatePem() + "\n");
        return path;
    }

    /// <summary>Writes <c>name.crt</c> and <c>name.key</c> (PKCS#8, mode 0600).</summary>
    public static PemFiles Write(X509Certificate2 certificate, string directory, string name)
    {
        Directory.CreateDirectory(directory);
        var files = new PemFiles(Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
        File.WriteAllText(files.Chain, certificate.ExportCertificatePem() + "\n");
        using var key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey();
        using var stream = new FileStream(files.Key, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var writer = new StreamWriter(stream);
        writer.Write(key!.ExportPkcs8PrivateKeyPem() + "\n");
        return files;
    }

    /// <summary>Writes the files that <c>reprise certs init</c> makes, by the same names, but for the authority's key.</summary>
    public void WriteAll(string directory, int edges = 3, int keyServices = 1, SiteKey siteKey = SiteKey.EcdsaP256)
    {
        WriteAuthority(directory);
        WriteOne(Site(siteKey), "site");
        WriteOne(Admin(), "admin");
        for (var i = 1; i <= edges; i++)
            WriteOne(Edge($"edge-{i}"), $"edge-{i}");
        for (var i = 1; i <= keyServices; i++)
            WriteOne(KeyService($"keys-{i}"), $"keys-{i}");

        void WriteOne(X509Certificate2 certificate, string name)
        {
            using (certificate)
                Write(certificate, directory, name);
        }
    }

    public void Dispose() => Certificate.Dispose();

    private static void AddLoopback(SubjectAlternativeNameBuilder names)
    {
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
    }

    private X509Certificate2 Issue(string subject, SubjectAlternativeNameBuilder names, SiteKey kind, params string[] usages) =>
        Issue(subject, names, kind, (_notBefore, _notAfter), usages);

    private X509Certificate2 Issue(string subject, SubjectAlternativeNameBuilder names, SiteKey kind, (DateTimeOffset From, DateTimeOffset To) valid, params string[] usages)
    {
        if (kind == SiteKey.Rsa2048)
        {
            using var rsa = RSA.Create(2048);
            using var signed = Sign(new CertificateRequest($"CN={subject}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), names, valid, usages);
            return signed.CopyWithPrivateKey(rsa);
        }

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(new CertificateRequest($"CN={subject}", ecdsa, HashAlgorithmName.SHA256), names, valid, usages);
        return certificate.CopyWithPrivateKey(ecdsa);
    }

    private X509Certificate2 Sign(CertificateRequest request, SubjectAlternativeNameBuilder names, (DateTimeOffset From, DateTimeOffset To) valid, string[] usages)
    {
        var oids = new OidCollection();
        foreach (var usage in usages)
            oids.Add(new Oid(usage));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        request.CertificateExtensions.Add(names.Build());
        // An ECDSA authority signs RSA keys too; the generator is named, since Create(issuer) wants equal key kinds.
        using var key = Certificate.GetECDsaPrivateKey()!;
        return request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(key), valid.From, valid.To, RandomNumberGenerator.GetBytes(16));
    }
}
