using System.Net;
using Org.BouncyCastle.Asn1.X509;
using Reprise.KeyProtocol.Identity;

namespace Reprise.Cli.Certs;

/// <summary>One end-entity certificate: its file name, whom it names and what it may be used for.</summary>
/// <param name="Name">File name without extension, and the common name.</param>
/// <param name="Uri">The role in the cluster, a URI SAN (<c>spiffe://reprise/ROLE/NAME</c>); null for the site.</param>
/// <param name="Hosts">Host names and IP addresses for the SAN.</param>
/// <param name="Purposes">Extended key usage.</param>
internal sealed record PkiRole(string Name, string? Uri, IReadOnlyList<string> Hosts, IReadOnlyList<KeyPurposeID> Purposes)
{
    /// <summary>What <see cref="Of"/> knows.</summary>
    public static readonly IReadOnlyList<string> Roles = ["edge", "admin", "keyservice", "site"];

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "::1"];
    private static readonly string[] DemoSites = ["stateful.reprise.test", "stateless.reprise.test", "*.reprise.test"];

    /// <summary>All certificates that <paramref name="request"/> asks for, besides the authority's own.</summary>
    public static IReadOnlyList<PkiRole> For(PkiRequest request) =>
    [
        Site("site", request.SiteHosts),
        Client("admin", "admin"),
        .. Enumerable.Range(1, request.KeyServices).Select(i => KeyService($"keys-{i}", request.KeyServiceHosts)),
        .. Enumerable.Range(1, request.Edges).Select(i => Client("edge", $"edge-{i}")),
    ];

    /// <param name="role">A role of the key plane as its URI has it, or <c>site</c>.</param>
    /// <param name="name">Whose; also the name of the files.</param>
    /// <param name="hosts">Further names and addresses; for those that listen only.</param>
    /// <exception cref="CliException">Not a name that a certificate of this role may have.</exception>
    public static PkiRole Of(string role, string name, IReadOnlyList<string> hosts)
    {
        if (name == PkiDirectory.AuthorityName || !KeyIdentity.TryParse($"spiffe://reprise/edge/{name}", out _))
            throw new CliException($"'{name}' cannot be a certificate's name: letters, digits, dot, hyphen and underscore, at most 63, and not '{PkiDirectory.AuthorityName}'");
        if (role is "edge" or "admin" && hosts.Count > 0)
            throw new CliException($"--host is for those that listen by it: {role} certificates have no host names");
        return role switch
        {
            "edge" or "admin" => Client(role, name),
            "keyservice" => KeyService(name, hosts),
            "site" => Site(name, hosts),
            _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No such role."),
        };
    }

    public GeneralNames SubjectAlternativeNames()
    {
        var names = Hosts.Distinct(StringComparer.OrdinalIgnoreCase).Select(host =>
            new GeneralName(IPAddress.TryParse(host, out _) ? GeneralName.IPAddress : GeneralName.DnsName, host));
        return new GeneralNames([.. names, .. Uri is null ? [] : new[] { new GeneralName(GeneralName.UniformResourceIdentifier, Uri) }]);
    }

    private static PkiRole Site(string name, IReadOnlyList<string> hosts) =>
        new(name, null, [.. DemoSites, .. Loopback, .. hosts], [KeyPurposeID.id_kp_serverAuth]);

    private static PkiRole Client(string role, string name) =>
        new(name, $"spiffe://reprise/{role}/{name}", [], [KeyPurposeID.id_kp_clientAuth]);

    // A key service is also a client: replicas call each other.
    private static PkiRole KeyService(string name, IReadOnlyList<string> hosts) =>
        new(name, $"spiffe://reprise/keyservice/{name}", ["keyservice", name, .. Loopback, .. hosts],
            [KeyPurposeID.id_kp_serverAuth, KeyPurposeID.id_kp_clientAuth]);
}
