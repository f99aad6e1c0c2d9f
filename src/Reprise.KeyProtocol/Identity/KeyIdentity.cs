using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Reprise.KeyProtocol.Identity;

/// <summary>
/// Who a certificate says its holder is: the URI <c>spiffe://reprise/ROLE/NAME</c> in its subject alternative name.
/// Worth nothing before the certificate's chain has been verified.
/// </summary>
/// <param name="Role">From the path's first part.</param>
/// <param name="Name">From its second: letters, digits, dot, hyphen, underscore; at most 63.</param>
public sealed partial record KeyIdentity(KeyRole Role, string Name)
{
    private const string NamePattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private const string SubjectAlternativeName = "2.5.29.17";

    // GeneralName ::= CHOICE { ... uniformResourceIdentifier [6] IA5String ... } (RFC 5280 section 4.2.1.6)
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);

    /// <summary>The URI, as it stands in the certificate.</summary>
    public string Uri => $"spiffe://reprise/{RolePath(Role)}/{Name}";

    /// <summary>Reads the identity. A certificate with no URI, several, or one of another shape has none.</summary>
    /// <param name="certificate">May be anything: its contents may be an attacker's.</param>
    /// <param name="identity">Set on success.</param>
    /// <param name="reason">On failure, why, for a log line.</param>
    public static bool TryRead(
        X509Certificate2 certificate,
        [NotNullWhen(true)] out KeyIdentity? identity,
        [NotNullWhen(false)] out string? reason)
    {
        identity = null;
        // Exactly one, as SPIFFE X.509-SVIDs have it: with several, each side might pick another.
        if (!TryReadUris(certificate, out var uris))
            reason = "its subject alternative name is malformed";
        else if (uris.Count != 1)
            reason = $"it has {uris.Count} URIs in its subject alternative name, where one is allowed";
        else if (!TryParse(uris[0], out identity))
            reason = "the URI in its subject alternative name is not spiffe://reprise/{edge|admin|keyservice}/NAME";
        else
            reason = null;
        return reason is null;
    }

    /// <summary>Parses <c>spiffe://reprise/ROLE/NAME</c>, to the letter.</summary>
    public static bool TryParse(string uri, [NotNullWhen(true)] out KeyIdentity? identity)
    {
        identity = null;
        var match = Shape().Match(uri);
        if (!match.Success)
            return false;
        var role = match.Groups["role"].Value switch
        {
            "edge" => KeyRole.Edge,
            "admin" => KeyRole.Admin,
            _ => KeyRole.KeyService,
        };
        identity = new KeyIdentity(role, match.Groups["name"].Value);
        return true;
    }

    /// <summary>Whether somebody could be called so: for names that come from elsewhere than a certificate.</summary>
    public static bool IsName(string name) => NameShape().IsMatch(name);

    /// <summary>Role and name, for logs: <c>edge/edge-1</c>.</summary>
    public override string ToString() => $"{RolePath(Role)}/{Name}";

    private static string RolePath(KeyRole role) => role switch
    {
        KeyRole.Edge => "edge",
        KeyRole.Admin => "admin",
        KeyRole.KeyService => "keyservice",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    private static bool TryReadUris(X509Certificate2 certificate, out List<string> uris)
    {
        uris = [];
        try
        {
            foreach (var extension in certificate.Extensions)
            {
                if (extension.Oid?.Value is not SubjectAlternativeName)
                    continue;
                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    if (names.PeekTag().HasSameClassAndValue(s_uri))
                        uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, s_uri));
                    else
                        names.ReadEncodedValue();
                }
            }

            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    // \z, not $: $ lets a line feed pass behind the name.
    [GeneratedRegex(@"^spiffe://reprise/(?<role>edge|admin|keyservice)/(?<name>" + NamePattern + @")\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();

    [GeneratedRegex(@"\A" + NamePattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameShape();
}
