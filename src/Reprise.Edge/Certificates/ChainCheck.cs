using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;
using Reprise.Edge.Profiles;

namespace Reprise.Edge.Certificates;

/// <summary>Whether a client can make sense of a chain: order, dates, strength.</summary>
internal static class ChainCheck
{
    private const string AllowedOrder = "the leaf first, then each certificate that signed the one before it";

    /// <param name="chain">As it will be sent; at least one.</param>
    /// <param name="source">Key and value that it comes from, for messages.</param>
    /// <param name="now">Dates count at this moment.</param>
    /// <exception cref="ProfileException">It is of no use to any client; names the position, from 1, and why.</exception>
    public static void Require(IReadOnlyList<X509Certificate2> chain, string source, DateTimeOffset now)
    {
        for (var i = 0; i < chain.Count; i++)
        {
            var certificate = chain[i];
            var which = $"{source}, whose certificate {i + 1} ({certificate.Subject})";
            if (i > 0 && !IsIssuer(chain[i - 1], certificate))
                throw new ProfileException($"{which} did not sign certificate {i} ({chain[i - 1].Subject}); allowed: {AllowedOrder}");
            if (certificate.NotAfter.ToUniversalTime() <= now)
                throw new ProfileException($"{which} expired at {Date(certificate.NotAfter)}; allowed: certificates that are valid now");
            if (certificate.NotBefore.ToUniversalTime() > now)
                throw new ProfileException($"{which} is not valid before {Date(certificate.NotBefore)}; allowed: certificates that are valid now");
            if (Weakness(certificate) is { } weakness)
                throw new ProfileException($"{which} has {weakness}; allowed: RSA of 2048 bits or more, ECDSA of 256 or more, Ed25519, Ed448");
        }
    }

    /// <summary>Whether one certificate was signed by another.</summary>
    public static bool IsIssuer(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData))
            return false;
        try
        {
            var parser = new X509CertificateParser();
            return parser.ReadCertificate(certificate.RawData).IsSignatureValid(parser.ReadCertificate(issuer.RawData).GetPublicKey());
        }
        catch (Exception fault) when (fault is GeneralSecurityException or ArgumentException or IOException or InvalidOperationException)
        {
            return false; // an algorithm that the library does not know
        }
    }

    /// <summary>The name of a certificate's kind of key; null for one that TLS has no use for.</summary>
    public static string? KeyType(X509Certificate2 certificate) => certificate.PublicKey.Oid.Value switch
    {
        "1.2.840.10045.2.1" => "ECDSA",
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        _ => null,
    };

    private static string? Weakness(X509Certificate2 certificate)
    {
        try
        {
            using var rsa = certificate.GetRSAPublicKey();
            if (rsa is { KeySize: < 2048 and var bits })
                return $"an RSA key of {bits} bits";
            using var ecdsa = certificate.GetECDsaPublicKey();
            if (ecdsa is { KeySize: < 256 and var size })
                return $"an ECDSA key of {size} bits";
        }
        catch (CryptographicException)
        {
            // A curve or parameters that .NET cannot hold: OpenSSL has the last word.
        }

        return KeyType(certificate) is null ? $"a key of the kind {certificate.PublicKey.Oid.Value}" : null;
    }

    private static string Date(DateTime date) => date.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
