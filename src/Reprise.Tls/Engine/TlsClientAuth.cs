using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>How clients of a profile are authenticated. Immutable; a change, also of what is in a list, makes a new <see cref="TlsProfile"/>.</summary>
public sealed record TlsClientAuth
{
    /// <summary>Optional or required.</summary>
    public required ClientAuthMode Mode { get; init; }

    /// <summary>
    /// CA certificates: roots, and intermediates that clients may leave out. Whatever chains to one of the roots is let in. Their names are
    /// sent to clients, so that these know what to present.
    /// </summary>
    public required TlsFile Authorities { get; init; }

    /// <summary>Intermediates that may stand between a client's certificate and a root.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>
    /// Empty: revocation is not checked. Otherwise each CA of a client's chain needs a list that is in date, or the client is refused.
    /// </summary>
    public IReadOnlyList<TlsFile> RevocationLists { get; init; } = [];

    /// <summary>The certificates in <see cref="Authorities"/>, DER: those that clients are verified against, as OpenSSL reads them.</summary>
    /// <exception cref="OpenSslException">The file cannot be used; names it.</exception>
    public IReadOnlyList<byte[]> ReadAuthorities()
    {
        LibCrypto.ERR_clear_error();
        using var authorities = AuthorityFile.Read(Authorities);
        return [.. authorities.Certificates.Select(ClientVerification.Encode)];
    }
}
