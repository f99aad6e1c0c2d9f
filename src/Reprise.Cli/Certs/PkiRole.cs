using System.Net;
using Org.BouncyCastle.Asn1.X509;

namespace Reprise.Cli.Certs;

/// <summary>One end-entity certificate: its file name, whom it names and what it may be used for.</summary>
/// <param name="Name">File name without extension, and the common name.</param>
/// <param name="Uri">The role in the cluster, a URI SAN (<c>spiffe://reprise/ROLE/NAME</c>); null for the site.</param>
/// <param name="Hosts">Host names and IP addresses for the SAN.</param>
/// <param name="Purposes">Extended key usage.</param>
internal sealed record PkiRole(string Name, string? Uri, IReadOnlyList<string> Hosts, IReadOnlyList<KeyPurposeID> Purposes)
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "::1"];
    private static readonly string[] DemoSites = ["stateful.reprise.test", "stateless.reprise.test", "*.reprise.test"];

    /// <summary>All certificates that <paramref name="request"/> asks for, besides the authority's own.</summary>
    public static IReadOnlyList<PkiRole> For(PkiRequest request) =>
    [
        Site(request.SiteHosts),
        Client("admin", "admin"),
        .. Enumerable.Range(1, request.KeyServices).Select(i => KeyService($"keys-{i}", request.KeyServiceHosts)),
        .. Enumerable.Range(1, request.Edges).Select(i => Client("edge", $"edge-{i}")),
    ];

    public GeneralNames SubjectAlternativeNames()
    {
        var names = Hosts.Distinct(StringComparer.OrdinalIgnoreCase).Select(host =>
            new GeneralName(IPAddress.TryParse(host, out _) ? GeneralName.IPAddress : GeneralName.DnsName, host));
        return new GeneralNames([.. names, .. Uri is null ? [] : new[] { new GeneralName(GeneralName.UniformResourceIdentifier, Uri) }]);
    }

    private static PkiRole Site(IReadOnlyList<string> hosts) =>
        new("site", null, [.. DemoSites, .. Loopback, .. hosts], [KeyPurposeID.id_kp_serverAuth]);

    private static PkiRole Client(string role, string name) =>
        new(name, $"spiffe://reprise/{role}/{name}", [], [KeyPurposeID.id_kp_clientAuth]);

    // A key service is also a client: replicas call each other.
    private static PkiRole KeyService(string name, IReadOnlyList<string> hosts) =>
        new(name, $"spiffe://reprise/keyservice/{name}", ["keyservice", name, .. Loopback, .. hosts],
            [KeyPurposeID.id_kp_serverAuth, KeyPurposeID.id_kp_clientAuth]);
}
