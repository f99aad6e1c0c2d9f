using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Certificates;

/// <summary>Reads and checks a certificate, from whichever files. Depends on nothing but them and the time.</summary>
internal static class CertificateFiles
{
    /// <param name="options">Paths are absolute.</param>
    /// <param name="section">Its key in the configuration.</param>
    /// <param name="hosts">The names that it is to be for.</param>
    /// <param name="now">Dates count at this moment.</param>
    /// <exception cref="ProfileException">It cannot be used; names key, value and what is allowed.</exception>
    public static SiteCertificate Read(CertificateOptions options, string section, IEnumerable<string> hosts, DateTimeOffset now)
    {
        var chain = new List<X509Certificate2>();
        TlsPrivateKey? key = null;
        try
        {
            (chain, key) = Open(options, section);
            return Check(options, section, hosts, now, chain, key);
        }
        catch (Exception fault)
        {
            key?.Dispose();
            if (fault is CryptographicException or IOException or UnauthorizedAccessException)
                throw new ProfileException($"{section} cannot be read: {fault.Message.ReplaceLineEndings(" ")}; allowed: files that this process may read");
            throw;
        }
        finally
        {
            chain.ForEach(certificate => certificate.Dispose());
        }
    }

    /// <summary>One line for each setting that is not allowed, as far as it can be told without reading keys.</summary>
    public static void Validate(List<string> failures, string section, CertificateOptions options)
    {
        if (options.Pkcs12 is null)
        {
            RequireFile(failures, $"{section}:Chain", options.Chain, "PEM");
            RequireFile(failures, $"{section}:Key", options.Key, "PEM");
        }
        else
        {
            RequireFile(failures, $"{section}:Pkcs12", options.Pkcs12, "PKCS#12");
            if (options.Chain.Length > 0 || options.Key.Length > 0)
                failures.Add($"{section}:Pkcs12 is '{options.Pkcs12}' beside Chain or Key; allowed: either Pkcs12, or Chain and Key");
        }

        if (options.PasswordFile is { } password)
            RequireFile(failures, $"{section}:PasswordFile", password, "text");
        if (options.OcspResponse is { } ocsp)
            RequireFile(failures, $"{section}:OcspResponse", ocsp, "DER");
    }

    private static (List<X509Certificate2> Chain, TlsPrivateKey Key) Open(CertificateOptions options, string section)
    {
        using var passphrase = ReadPassphrase(options, section);
        if (options.Pkcs12 is not null)
            return Pkcs12File.Read(options, section, passphrase);
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(Encoding.ASCII.GetString(File.ReadAllBytes(options.Chain)));
        }
        catch (CryptographicException fault)
        {
            throw new ProfileException($"{section}:Chain is '{options.Chain}', in which a certificate cannot be read; allowed: a PEM file of certificates ({fault.Message.ReplaceLineEndings(" ")})");
        }

        if (chain.Count == 0)
            throw new ProfileException($"{section}:Chain is '{options.Chain}', which holds no certificate; allowed: a PEM file of certificates");
        return ([.. chain], PrivateKeyFile.Read(options, section, passphrase.Bytes));
    }

    private static SiteCertificate Check(CertificateOptions options, string section, IEnumerable<string> hosts, DateTimeOffset now, List<X509Certificate2> chain, TlsPrivateKey key)
    {
        var source = options.Pkcs12 is { } file ? $"{section}:Pkcs12 is '{file}'" : $"{section}:Chain is '{options.Chain}'";
        RequireKey(options, section, chain, key);
        ChainCheck.Require(chain, source, now);
        var warnings = ChainWarnings.Of(chain, options, hosts, source).ToList();
        var pem = Encoding.ASCII.GetBytes(string.Join('\n', chain.Select(certificate => certificate.ExportCertificatePem())) + '\n');
        return new SiteCertificate
        {
            Tls = new TlsCertificate(pem, key, source),
            KeyHash = SHA256.HashData(chain[0].PublicKey.ExportSubjectPublicKeyInfo()),
            Facts = new CertificateFacts
            {
                Section = section,
                KeyType = ChainCheck.KeyType(chain[0])!,
                NotBefore = chain.Max(certificate => certificate.NotBefore.ToUniversalTime()),
                NotAfter = chain.Min(certificate => certificate.NotAfter.ToUniversalTime()),
                Staple = options.OcspResponse is { } ocsp ? OcspResponseFile.Read(ocsp, $"{section}:OcspResponse is '{ocsp}'", chain, now) : null,
                Warnings = warnings,
            },
        };
    }

    private static void RequireKey(CertificateOptions options, string section, List<X509Certificate2> chain, TlsPrivateKey key)
    {
        var owner = chain.FindIndex(certificate => key.BelongsTo(certificate.RawDataMemory.Span));
        if (owner < 0)
            throw new ProfileException($"{section}:Key is '{options.Key}', which is not the key of '{options.Chain}' ({chain[0].Subject}); allowed: the key of its first certificate");
        if (owner > 0)
            throw new ProfileException($"{section}:Chain is '{options.Chain}', of which the key is that of certificate {owner + 1} ({chain[owner].Subject}), not the first; allowed: the leaf first, then each certificate that signed the one before it");
    }

    private static Passphrase ReadPassphrase(CertificateOptions options, string section)
    {
        try
        {
            return Passphrase.Read(options.PasswordFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ProfileException($"{section}:PasswordFile is '{options.PasswordFile}': {fault.Message.ReplaceLineEndings(" ")}; allowed: a file whose first line is the passphrase");
        }
    }

    private static void RequireFile(List<string> failures, string key, string value, string kind)
    {
        if (!File.Exists(value))
            failures.Add($"{key} is '{value}'; allowed: the path of an existing {kind} file");
    }
}
