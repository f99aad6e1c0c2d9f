using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Reprise.KeyProtocol.Identity;

namespace Reprise.Cli.Certs;

/// <summary>What <c>certs show</c> tells of a certificate.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Subject">As it names itself.</param>
/// <param name="Identity"><c>ROLE/NAME</c> in the key plane, or null.</param>
/// <param name="Uri">The same as it stands in the certificate.</param>
/// <param name="Serial">Hexadecimal, as <c>nodes list</c> has it.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="NotBefore">From here.</param>
/// <param name="NotAfter">To here.</param>
/// <param name="IsAuthority">Whether it may sign others.</param>
/// <param name="PathLength">How many authorities may stand below it; null where there is no limit, or it is none.</param>
/// <param name="Usages">Key usages.</param>
/// <param name="Purposes">Extended key usages.</param>
/// <param name="Hosts">DNS names and addresses.</param>
internal sealed record CertificateFacts(
    string File,
    string Subject,
    string? Identity,
    string? Uri,
    string Serial,
    string Issuer,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    bool IsAuthority,
    int? PathLength,
    IReadOnlyList<string> Usages,
    IReadOnlyList<string> Purposes,
    IReadOnlyList<string> Hosts)
{
    // As RFC 5280 4.2.1.3 spells them.
    private static readonly (X509KeyUsageFlags Flag, string Name)[] Known =
    [
        (X509KeyUsageFlags.DigitalSignature, "digitalSignature"), (X509KeyUsageFlags.NonRepudiation, "nonRepudiation"),
        (X509KeyUsageFlags.KeyEncipherment, "keyEncipherment"), (X509KeyUsageFlags.DataEncipherment, "dataEncipherment"),
        (X509KeyUsageFlags.KeyAgreement, "keyAgreement"), (X509KeyUsageFlags.KeyCertSign, "keyCertSign"), (X509KeyUsageFlags.CrlSign, "cRLSign"),
    ];

    /// <summary>All certificates of a PEM file, or of the <c>.crt</c> files in a folder.</summary>
    /// <exception cref="CliException">There is none, or it cannot be read.</exception>
    public static IReadOnlyList<CertificateFacts> Read(string path)
    {
        if (!Directory.Exists(path))
            return ReadFile(path);
        var files = Directory.GetFiles(path, "*.crt").Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? [.. files.SelectMany(ReadFile)] : throw new CliException($"{path} holds no .crt file");
    }

    public static IReadOnlyList<CertificateFacts> ReadFile(string file)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0 ? [.. certificates.Select(certificate => Of(file, certificate))] : throw new CliException($"{file} holds no PEM certificate");
        }
        catch (CryptographicException failure)
        {
            throw new CliException($"{file} cannot be read: {failure.Message}", inner: failure);
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }

    private static CertificateFacts Of(string file, X509Certificate2 certificate)
    {
        var identity = KeyIdentity.TryRead(certificate, out var read, out _) ? read : null;
        var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return new(
            file, certificate.Subject, identity?.ToString(), identity?.Uri, certificate.SerialNumber, certificate.Issuer,
            new DateTimeOffset(certificate.NotBefore).ToUniversalTime(), new DateTimeOffset(certificate.NotAfter).ToUniversalTime(),
            constraints?.CertificateAuthority is true,
            constraints is { CertificateAuthority: true, HasPathLengthConstraint: true } ? constraints.PathLengthConstraint : null,
            [.. certificate.Extensions.OfType<X509KeyUsageExtension>().SelectMany(usage => Names(usage.KeyUsages))],
            [.. certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(usage => usage.EnhancedKeyUsages.Cast<Oid>()).Select(Purpose)],
            names is null ? [] : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]);
    }

    private static IEnumerable<string> Names(X509KeyUsageFlags usages) =>
        Known.Where(usage => usages.HasFlag(usage.Flag)).Select(usage => usage.Name);

    private static string Purpose(Oid purpose) => purpose.Value switch
    {
        "1.3.6.1.5.5.7.3.1" => "serverAuth",
        "1.3.6.1.5.5.7.3.2" => "clientAuth",
        var other => other ?? "",
    };
}
