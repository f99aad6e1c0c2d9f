using System.ComponentModel.DataAnnotations;
using Reprise.Tls;

namespace Reprise.Edge.ClientAuthentication;

/// <summary>Whether and how a profile's clients are authenticated by certificate.</summary>
internal sealed class ClientAuthOptions
{
    /// <summary>
    /// None: clients are not asked. Optional: they are; one without is anonymous, one that does not verify is refused in the handshake.
    /// Required: no handshake without one that verifies. Default None.
    /// </summary>
    public ClientAuthMode Mode { get; set; }

    /// <summary>PEM file of the CAs that clients are verified against: roots, and intermediates that clients may leave out. Required unless None.</summary>
    public string? Authorities { get; set; }

    /// <summary>How many intermediates may stand between a client's certificate and a root. Default 4.</summary>
    [Range(0, 10)]
    public int Depth { get; set; } = 4;

    /// <summary>
    /// PEM or DER files of certificate revocation lists. Empty: revocation is not checked. Otherwise each CA of a client's chain needs one
    /// that is in date, or the client is refused.
    /// </summary>
    public IList<string> RevocationLists { get; set; } = [];

    /// <summary>All files that are named; a change of any of them is a change of who is let in.</summary>
    public IEnumerable<string> Files() => Authorities is { Length: > 0 } authorities ? [authorities, .. RevocationLists] : RevocationLists;

    /// <summary>Makes paths absolute.</summary>
    public void Resolve(Func<string, string> resolve)
    {
        Authorities = Authorities is { } path ? resolve(path) : null;
        for (var i = 0; i < RevocationLists.Count; i++)
            RevocationLists[i] = resolve(RevocationLists[i]);
    }
}
