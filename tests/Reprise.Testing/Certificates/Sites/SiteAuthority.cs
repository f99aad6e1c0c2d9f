using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Reprise.Testing.Sites;

/// <summary>
/// A root and an intermediate below it, as public authorities have them, in memory and of this run's own. Made with Bouncy Castle, so
/// that its certificates may have everything wrong with them.
/// </summary>
public sealed class SiteAuthority
{
    private static readonly SecureRandom s_random = new();

    private readonly AsymmetricCipherKeyPair _rootKeys = Keys(SiteKind.EcdsaP256);

    public SiteAuthority()
    {
        var name = $"{Guid.NewGuid():N}"[..8];
        IntermediateKeys = Keys(SiteKind.EcdsaP256);
        Root = Issue($"CN=Root {name}", $"CN=Root {name}", _rootKeys.Public, _rootKeys.Private, Authority());
        Intermediate = Issue($"CN=Intermediate {name}", $"CN=Root {name}", IntermediateKeys.Public, _rootKeys.Private, Authority());
        ExpiredIntermediate = Issue(
            $"CN=Intermediate {name}", $"CN=Root {name}", IntermediateKeys.Public, _rootKeys.Private, Authority(),
            DateTime.UtcNow.AddDays(-10), DateTime.UtcNow.AddDays(-1));
    }

    public X509Certificate Root { get; }

    public X509Certificate Intermediate { get; }

    /// <summary>The same name and key, over since yesterday.</summary>
    public X509Certificate ExpiredIntermediate { get; }

    internal AsymmetricCipherKeyPair IntermediateKeys { get; }

    /// <summary>A server certificate that the intermediate has signed.</summary>
    public Site Issue(SiteRequest? request = null)
    {
        request ??= new SiteRequest();
        var keys = Keys(request.Kind);
        var leaf = Issue(
            $"CN={request.Hosts[0]}", Intermediate.SubjectDN.ToString(), keys.Public, IntermediateKeys.Private, Extensions(request),
            request.NotBefore, request.NotAfter);
        return new Site(this, keys.Private, leaf);
    }

    /// <summary>A certificate that says it is from the intermediate and is not.</summary>
    public Site Forge()
    {
        var keys = Keys(SiteKind.EcdsaP256);
        return new Site(this, keys.Private, Issue("CN=site.test", Intermediate.SubjectDN.ToString(), keys.Public, keys.Private, Extensions(new SiteRequest())));
    }

    /// <summary>One for OCSP answers in the intermediate's name, or one that only looks like it.</summary>
    internal (X509Certificate Certificate, AsymmetricKeyParameter Key) Responder(bool entitled)
    {
        var keys = Keys(SiteKind.EcdsaP256);
        var usage = new ExtendedKeyUsage(entitled ? KeyPurposeID.id_kp_OCSPSigning : KeyPurposeID.id_kp_serverAuth);
        var certificate = Issue(
            "CN=Responder", Intermediate.SubjectDN.ToString(), keys.Public, IntermediateKeys.Private,
            generator => generator.AddExtension(X509Extensions.ExtendedKeyUsage, false, usage));
        return (certificate, keys.Private);
    }

    private static Action<X509V3CertificateGenerator> Authority() => generator =>
    {
        generator.AddExtension(X509Extensions.BasicConstraints, true, new BasicConstraints(true));
        generator.AddExtension(X509Extensions.KeyUsage, true, new KeyUsage(KeyUsage.KeyCertSign | KeyUsage.CrlSign | KeyUsage.DigitalSignature));
    };

    private static Action<X509V3CertificateGenerator> Extensions(SiteRequest request) => generator =>
    {
        generator.AddExtension(X509Extensions.BasicConstraints, true, new BasicConstraints(false));
        generator.AddExtension(X509Extensions.KeyUsage, true, new KeyUsage(KeyUsage.DigitalSignature));
        generator.AddExtension(X509Extensions.ExtendedKeyUsage, false, new ExtendedKeyUsage(request.ForClients ? KeyPurposeID.id_kp_clientAuth : KeyPurposeID.id_kp_serverAuth));
        generator.AddExtension(X509Extensions.SubjectAlternativeName, false, new GeneralNames([.. request.Hosts.Select(host => new GeneralName(GeneralName.DnsName, host))]));
        if (request.MustStaple)
            generator.AddExtension(new DerObjectIdentifier("1.3.6.1.5.5.7.1.24"), false, new DerSequence(DerInteger.ValueOf(5)));
        if (request.CaIssuers is { } address)
            generator.AddExtension(X509Extensions.AuthorityInfoAccess, false, new AuthorityInformationAccess(AccessDescription.IdADCAIssuers, new GeneralName(GeneralName.UniformResourceIdentifier, address)));
    };

    private static X509Certificate Issue(
        string subject, string issuer, AsymmetricKeyParameter key, AsymmetricKeyParameter issuerKey, Action<X509V3CertificateGenerator> extend,
        DateTime? notBefore = null, DateTime? notAfter = null)
    {
        var generator = new X509V3CertificateGenerator();
        generator.SetSerialNumber(new BigInteger(1, RandomNumberGenerator.GetBytes(15)));
        generator.SetSubjectDN(new X509Name(subject));
        generator.SetIssuerDN(new X509Name(issuer));
        generator.SetNotBefore(notBefore ?? DateTime.UtcNow.AddDays(-20));
        generator.SetNotAfter(notAfter ?? DateTime.UtcNow.AddDays(365));
        generator.SetPublicKey(key);
        extend(generator);
        // By which algorithm follows from whose key signs.
        return generator.Generate(new Asn1SignatureFactory(issuerKey is ECKeyParameters ? "SHA256withECDSA" : "SHA256withRSA", issuerKey, s_random));
    }

    private static AsymmetricCipherKeyPair Keys(SiteKind kind)
    {
        switch (kind)
        {
            case SiteKind.Ed25519:
                var edwards = new Ed25519KeyPairGenerator();
                edwards.Init(new Ed25519KeyGenerationParameters(s_random));
                return edwards.GenerateKeyPair();
            case SiteKind.EcdsaP256:
                var elliptic = new ECKeyPairGenerator();
                elliptic.Init(new ECKeyGenerationParameters(Org.BouncyCastle.Asn1.Sec.SecObjectIdentifiers.SecP256r1, s_random));
                return elliptic.GenerateKeyPair();
            default:
                using (var rsa = RSA.Create(kind is SiteKind.Rsa1024 ? 1024 : 2048)) // in a fraction of Bouncy Castle's time
                    return DotNetUtilities.GetRsaKeyPair(rsa);
        }
    }
}
