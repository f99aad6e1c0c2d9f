using System.Security.Cryptography;
using Reprise.Core.Sessions;
using Reprise.Edge.Profiles;
using Reprise.Tls;
using Reprise.Tls.Interop;

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
    /// <exception cref="ProfileException">The authorities cannot be used.</exception>
    public static ScopeParts Apply(ScopeParts scope, TlsClientAuth? clientAuth)
    {
        if (clientAuth is null)
            return scope;
        try
        {
            return scope with
            {
                ClientAuth = $"{clientAuth.Mode} depth {clientAuth.Depth} {(clientAuth.RevocationLists.Count > 0 ? "revocation" : "no revocation")}",
                ClientAuthorities = [.. clientAuth.ReadAuthorities().Select(SHA256.HashData)],
            };
        }
        catch (OpenSslException fault)
        {
            throw new ProfileException(fault.Message);
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
