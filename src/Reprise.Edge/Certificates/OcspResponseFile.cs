using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Ocsp;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Reprise.Edge.Profiles;
using Reprise.Tls;
using BouncyCertificate = Org.BouncyCastle.X509.X509Certificate;

namespace Reprise.Edge.Certificates;

/// <summary>An OCSP response (RFC 6960) that may be stapled to a certificate.</summary>
internal static class OcspResponseFile
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <param name="file">DER.</param>
    /// <param name="source">Key and value that it comes from, for messages.</param>
    /// <param name="chain">The certificate's; the signature is checked where its issuer is in it.</param>
    /// <param name="now">Dates count at this moment.</param>
    /// <returns>It may have expired: an old file must not keep a site from being served.</returns>
    /// <exception cref="ProfileException">It is none, not for this certificate, or does not say that the certificate is good.</exception>
    public static OcspStaple Read(string file, string source, IReadOnlyList<X509Certificate2> chain, DateTimeOffset now)
    {
        var der = File.ReadAllBytes(file);
        var parser = new X509CertificateParser();
        var leaf = parser.ReadCertificate(chain[0].RawData);
        var issuer = chain.Count > 1 ? parser.ReadCertificate(chain[1].RawData) : null;
        SingleResp single;
        bool signed;
        try
        {
            var response = new OcspResp(der);
            if (response.Status != OcspRespStatus.Successful)
                throw new ProfileException($"{source}, in which the responder tells of a fault ({response.Status}); allowed: a response about the certificate");
            var basic = (BasicOcspResp)response.GetResponseObject();
            single = basic.Responses.FirstOrDefault(one => IsAbout(one.GetCertID(), leaf, issuer))
                ?? throw new ProfileException($"{source}, which is not about this certificate (serial number {chain[0].SerialNumber}); allowed: the response for its leaf");
            signed = issuer is null || IsSigned(basic, issuer, now);
        }
        catch (Exception fault) when (fault is not ProfileException)
        {
            // What the library throws at bytes that are something else is of all kinds.
            throw new ProfileException($"{source}, which is no OCSP response; allowed: a file with one in DER, as 'openssl ocsp -respout' writes it");
        }

        if (!signed)
            throw new ProfileException($"{source}, which is signed neither by the certificate's issuer nor by a responder of it; allowed: a response that clients can believe");
        if (single.GetCertStatus() != CertificateStatus.Good)
            throw new ProfileException($"{source}, which says that the certificate is {(single.GetCertStatus() is RevokedStatus ? "revoked" : "unknown")}; allowed: good");
        if (single.NextUpdate is not { } next)
            throw new ProfileException($"{source}, which does not say until when it is good (nextUpdate); allowed: a response that does");
        var until = new DateTimeOffset(DateTime.SpecifyKind(next, DateTimeKind.Utc));
        var since = new DateTimeOffset(DateTime.SpecifyKind(single.ThisUpdate, DateTimeKind.Utc));
        if (since > now + Skew)
            throw new ProfileException($"{source}, which is of {since:u}, in the future; allowed: a response of now or before");
        return new OcspStaple(der, since, until);
    }

    private static bool IsAbout(CertificateID id, BouncyCertificate leaf, BouncyCertificate? issuer)
    {
        if (!id.SerialNumber.Equals(leaf.SerialNumber))
            return false;
        if (issuer is not null)
            return id.MatchesIssuer(issuer);
        var name = DigestUtilities.CalculateDigest(id.HashAlgOid, leaf.IssuerDN.GetDerEncoded());
        return name.AsSpan().SequenceEqual(id.GetIssuerNameHash());
    }

    // RFC 6960 section 4.2.2.2: by the issuer itself, or by a responder that it has signed for this.
    private static bool IsSigned(BasicOcspResp response, BouncyCertificate issuer, DateTimeOffset now) =>
        response.Verify(issuer.GetPublicKey()) || response.GetCerts().Any(responder =>
            responder.GetExtendedKeyUsage()?.Contains(KeyPurposeID.id_kp_OCSPSigning) == true && responder.IsValid(now.UtcDateTime) &&
            responder.IsSignatureValid(issuer.GetPublicKey()) && response.Verify(responder.GetPublicKey()));
}
