using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Org.BouncyCastle.X509.Extension;

namespace Reprise.Cli.Certs;

/// <summary>The one authority of a cluster (ECDSA P-256): makes itself, and issues every other certificate.</summary>
internal sealed class CertificateAuthority
{
    /// <summary>In days. Browsers and Apple's stacks refuse server certificates that live longer than 398.</summary>
    public const int LongestLife = 397;

    private const string Signature = "SHA256WITHECDSA";
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);

    /// <summary>Nodes whose clock is behind must not refuse a certificate made a moment ago.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    private readonly SecureRandom _random = new();
    private readonly AsymmetricKeyParameter _key;

    public CertificateAuthority(X509Certificate certificate, AsymmetricKeyParameter key)
    {
        Certificate = certificate;
        _key = key;
    }

    public X509Certificate Certificate { get; }

    public static IssuedCertificate Create(DateTimeOffset now)
    {
        var random = new SecureRandom();
        var keys = NewKeys(random);
        var name = new X509Name("CN=Reprise cluster CA");
        var certificate = NewCertificate(name, name, keys.Public, random, now, now + AuthorityLife);
        certificate.AddExtension(X509Extensions.BasicConstraints, critical: true, new BasicConstraints(pathLenConstraint: 0));
        certificate.AddExtension(X509Extensions.KeyUsage, critical: true, new KeyUsage(KeyUsage.KeyCertSign | KeyUsage.CrlSign));
        certificate.AddExtension(X509Extensions.SubjectKeyIdentifier, critical: false, KeyIdentifier(keys.Public));
        return new("ca", certificate.Generate(new Asn1SignatureFactory(Signature, keys.Private, random)), keys.Private);
    }

    /// <summary>Issues a certificate with a new key. It ends after <paramref name="life"/>, or with its authority if that is sooner.</summary>
    public IssuedCertificate Issue(PkiRole role, DateTimeOffset now, TimeSpan life)
    {
        var keys = NewKeys(_random);
        var authorityEnds = new DateTimeOffset(Certificate.NotAfter, TimeSpan.Zero);
        var ends = now + life < authorityEnds ? now + life : authorityEnds;
        var certificate = NewCertificate(
            Certificate.SubjectDN, new X509Name($"CN={role.Name},O=Reprise"), keys.Public, _random, now, ends);
        certificate.AddExtension(X509Extensions.BasicConstraints, critical: true, new BasicConstraints(cA: false));
        certificate.AddExtension(X509Extensions.KeyUsage, critical: true, new KeyUsage(KeyUsage.DigitalSignature));
        certificate.AddExtension(X509Extensions.ExtendedKeyUsage, critical: false, new ExtendedKeyUsage(role.Purposes));
        certificate.AddExtension(X509Extensions.SubjectAlternativeName, critical: false, role.SubjectAlternativeNames());
        certificate.AddExtension(X509Extensions.SubjectKeyIdentifier, critical: false, KeyIdentifier(keys.Public));
        certificate.AddExtension(X509Extensions.AuthorityKeyIdentifier, critical: false,
            X509ExtensionUtilities.CreateAuthorityKeyIdentifier(Certificate.GetPublicKey()));
        return new(role.Name, certificate.Generate(new Asn1SignatureFactory(Signature, _key, _random)), keys.Private);
    }

    private static AsymmetricCipherKeyPair NewKeys(SecureRandom random)
    {
        var generator = new ECKeyPairGenerator();
        generator.Init(new ECKeyGenerationParameters(SecObjectIdentifiers.SecP256r1, random));
        return generator.GenerateKeyPair();
    }

    private static X509V3CertificateGenerator NewCertificate(
        X509Name issuer, X509Name subject, AsymmetricKeyParameter key, SecureRandom random, DateTimeOffset now, DateTimeOffset ends)
    {
        var generator = new X509V3CertificateGenerator();
        generator.SetSerialNumber(new BigInteger(127, random).SetBit(126)); // RFC 5280 4.1.2.2: positive, unpredictable; 16 bytes
        generator.SetIssuerDN(issuer);
        generator.SetSubjectDN(subject);
        generator.SetNotBefore((now - ClockSkew).UtcDateTime);
        generator.SetNotAfter(ends.UtcDateTime);
        generator.SetPublicKey(key);
        return generator;
    }

    private static SubjectKeyIdentifier KeyIdentifier(AsymmetricKeyParameter key) =>
        X509ExtensionUtilities.CreateSubjectKeyIdentifier(key);
}
