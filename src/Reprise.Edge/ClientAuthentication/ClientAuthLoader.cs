using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Reprise.Core.Sessions;
using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.ClientAuthentication;

/// <summary>Reads what clients are verified by. A function of settings and files alone: a reload calls it again.</summary>
internal static class ClientAuthLoader
{
    /// <returns>Null where clients are not asked.</returns>
    /// <exception cref="ProfileException">A file cannot be read. Whether what is in it can be used, <see cref="TlsProfile"/> says.</exception>
    public static TlsClientAuth? Load(string profile, ClientAuthOptions options)
    {
        if (options.Mode is ClientAuthMode.None)
            return null;
        var section = $"{ProfileOptions.SectionName}:{profile}:ClientAuth";
        return new TlsClientAuth
        {
            Mode = options.Mode,
            Authorities = Read($"{section}:Authorities", options.Authorities!),
            Depth = options.Depth,
            RevocationLists = [.. options.RevocationLists.Select((path, i) => Read($"{section}:RevocationLists:{i}", path))],
        };
    }

    /// <summary>
    /// Adds to a scope what a client has to be to get in. What revocation lists say is not among it, as it changes all the time; it is obeyed at
    /// each resumption.
    /// </summary>
    /// <exception cref="ProfileException">The file has no certificates.</exception>
    public static ScopeParts Apply(ScopeParts scope, TlsClientAuth? clientAuth)
    {
        if (clientAuth is null)
            return scope;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(System.Text.Encoding.ASCII.GetString(clientAuth.Authorities.Bytes.Span));
            return scope with
            {
                ClientAuth = $"{clientAuth.Mode} depth {clientAuth.Depth} {(clientAuth.RevocationLists.Count > 0 ? "revocation" : "no revocation")}",
                ClientAuthorities = [.. certificates.Select(certificate => SHA256.HashData(certificate.RawDataMemory.Span))],
            };
        }
        catch (CryptographicException fault)
        {
            throw new ProfileException($"{clientAuth.Authorities}; allowed: CA certificates in PEM ({fault.Message.ReplaceLineEndings(" ")})");
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }

    private static TlsFile Read(string key, string path)
    {
        try
        {
            return new TlsFile(File.ReadAllBytes(path), $"{key} ('{path}')");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ProfileException($"{key} is '{path}'; allowed: a readable file ({fault.Message})");
        }
    }
}
