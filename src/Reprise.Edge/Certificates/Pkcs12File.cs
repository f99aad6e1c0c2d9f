using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Reprise.Edge.Profiles;
using Reprise.Tls;
using Reprise.Tls.Interop;

namespace Reprise.Edge.Certificates;

/// <summary>A PKCS#12 file with one private key, its certificate, and whatever of the chain is with them.</summary>
internal static class Pkcs12File
{
    /// <returns>The leaf and those above it in the file, in the order in which they signed; to be disposed.</returns>
    /// <exception cref="ProfileException">The passphrase does not open it, or it does not hold one key with a certificate.</exception>
    public static (List<X509Certificate2> Chain, TlsPrivateKey Key) Read(CertificateOptions options, string section, Passphrase passphrase)
    {
        var all = Open(options, section, passphrase);
        var leaves = all.Where(certificate => certificate.HasPrivateKey).ToList();
        try
        {
            if (leaves.Count != 1)
                throw new ProfileException($"{section}:Pkcs12 is '{options.Pkcs12}', which holds {(leaves.Count == 0 ? "no private key" : $"{leaves.Count} private keys")} with a certificate; allowed: one");
            var key = Take(leaves[0]) ?? throw new ProfileException($"{section}:Pkcs12 is '{options.Pkcs12}', whose key is of another kind than can be read from PKCS#12; allowed: ECDSA, RSA (others as PEM, in Chain and Key)");
            return (Order(leaves[0], all), key);
        }
        catch
        {
            all.ForEach(certificate => certificate.Dispose());
            throw;
        }
    }

    private static List<X509Certificate2> Open(CertificateOptions options, string section, Passphrase passphrase)
    {
        var chars = passphrase.ToChars();
        var data = File.ReadAllBytes(options.Pkcs12!);
        try
        {
            // Exportable within this process only: ephemeral keys are never written anywhere.
            return [.. X509CertificateLoader.LoadPkcs12Collection(data, chars, X509KeyStorageFlags.Exportable | X509KeyStorageFlags.EphemeralKeySet)];
        }
        catch (CryptographicException fault)
        {
            throw new ProfileException(options.PasswordFile is null
                ? $"{section}:Pkcs12 is '{options.Pkcs12}', which does not open without a passphrase; allowed: a PKCS#12 file, and PasswordFile with its passphrase ({OneLine(fault)})"
                : $"{section}:PasswordFile is '{options.PasswordFile}', which does not open '{options.Pkcs12}'; allowed: a file whose first line is the passphrase, and a PKCS#12 file ({OneLine(fault)})");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(chars.AsSpan()));
            CryptographicOperations.ZeroMemory(data);
        }
    }

    private static TlsPrivateKey? Take(X509Certificate2 leaf)
    {
        using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)leaf.GetECDsaPrivateKey() ?? leaf.GetRSAPrivateKey();
        if (key is null)
            return null;
        var der = key.ExportPkcs8PrivateKey();
        try
        {
            return TlsPrivateKey.FromPkcs8(der);
        }
        catch (OpenSslException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    // The format has no order of its own; what belongs to another chain is left out.
    private static List<X509Certificate2> Order(X509Certificate2 leaf, List<X509Certificate2> all)
    {
        List<X509Certificate2> chain = [leaf];
        while (all.Find(next => ChainCheck.IsIssuer(chain[^1], next)) is { } next && !chain.Contains(next))
            chain.Add(next);
        all.Except(chain).ToList().ForEach(certificate => certificate.Dispose());
        return chain;
    }

    private static string OneLine(Exception fault) => fault.Message.ReplaceLineEndings(" ");
}
