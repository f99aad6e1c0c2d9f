using Org.BouncyCastle.Asn1.Oiw;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Ocsp;
using CertificateStatus = Org.BouncyCastle.Ocsp.CertificateStatus;

namespace Reprise.Testing.Sites;

public enum OcspSigner
{
    Issuer,
    Responder,

    /// <summary>One that the issuer has signed, though not for this.</summary>
    NoResponder,
}

/// <summary>What a responder says of a certificate; as it stands, that it is good.</summary>
public sealed record OcspAnswer
{
    public bool Revoked { get; init; }

    public DateTime ThisUpdate { get; init; } = DateTime.UtcNow.AddHours(-1);

    public DateTime? NextUpdate { get; init; } = DateTime.UtcNow.AddDays(3);

    public OcspSigner Signer { get; init; }

    /// <summary>DER.</summary>
    public byte[] About(Site site)
    {
        var authority = site.Authority;
        var id = new CertificateID(new AlgorithmIdentifier(OiwObjectIdentifiers.IdSha1), authority.Intermediate, site.Leaf.SerialNumber);
        var (certificate, key) = Signer is OcspSigner.Issuer
            ? (authority.Intermediate, authority.IntermediateKeys.Private)
            : authority.Responder(entitled: Signer is OcspSigner.Responder);
        var generator = new BasicOcspRespGenerator(new RespID(certificate.SubjectDN));
        var status = Revoked ? new RevokedStatus(ThisUpdate, CrlReason.KeyCompromise) : CertificateStatus.Good;
        generator.AddResponse(id, status, ThisUpdate, NextUpdate, null);
        var basic = generator.Generate(
            new Asn1SignatureFactory("SHA256withECDSA", key, new Org.BouncyCastle.Security.SecureRandom()),
            Signer is OcspSigner.Issuer ? [] : [certificate], DateTime.UtcNow);
        return new OCSPRespGenerator().Generate(OCSPRespGenerator.Successful, basic).GetEncoded();
    }

    /// <summary>What a responder answers that has nothing to say now.</summary>
    public static byte[] TryLater() => new OCSPRespGenerator().Generate(OcspRespStatus.TryLater, null).GetEncoded();
}
