using System.Security.Cryptography.X509Certificates;

namespace Reprise.Testing;

/// <summary>
/// Clients of a site: good ones, and each of the ways to be a bad one, under a root, an intermediate, and one more below that.
/// All of it in a directory, for files that nodes and clients read.
/// </summary>
public sealed class ClientPki : IDisposable
{
    private readonly string _directory;
    private readonly TestAuthority _root = TestAuthority.Root("Client root");
    private readonly TestAuthority _other = TestAuthority.Root("Another root");
    private readonly TestAuthority _intermediate;
    private readonly TestAuthority _deep;
    private readonly Dictionary<string, X509Certificate2> _clients;

    public ClientPki(string directory)
    {
        _directory = Directory.CreateDirectory(directory).FullName;
        _intermediate = _root.Subordinate("Client intermediate");
        _deep = _intermediate.Subordinate("Client deep");
        var now = DateTimeOffset.UtcNow;
        _clients = new()
        {
            ["good"] = _intermediate.Client("alice.reprise.test"),
            ["rsa"] = _intermediate.Client("rsa.reprise.test", SiteKey.Rsa2048),
            ["direct"] = _root.Client("bob.reprise.test"),
            ["expired"] = _intermediate.Client("expired.reprise.test", from: now.AddDays(-2), to: now.AddDays(-1)),
            ["early"] = _intermediate.Client("early.reprise.test", from: now.AddDays(1), to: now.AddDays(2)),
            ["foreign"] = _other.Client("mallory.reprise.test"),
            ["revoked"] = _intermediate.Client("revoked.reprise.test"),
            ["deep"] = _deep.Client("deep.reprise.test"),
            ["server"] = _intermediate.Site(SiteKey.EcdsaP256, "server.reprise.test"),
            ["long"] = _intermediate.Client("long.reprise.test", alternativeNames: 100),
        };
        foreach (var (name, certificate) in _clients)
            TestAuthority.Write(certificate, _directory, name);
        Authorities = Write("authorities.pem", _root.Certificate.ExportCertificatePem());
        OtherAuthorities = Write("other.pem", _other.Certificate.ExportCertificatePem());
        Write("chain.pem", $"{_intermediate.Certificate.ExportCertificatePem()}\n{_deep.Certificate.ExportCertificatePem()}\n");
        RevocationLists = WriteLists("lists.pem", "revoked");
    }

    /// <summary>The root's certificate.</summary>
    public string Authorities { get; }

    /// <summary>Another root's.</summary>
    public string OtherAuthorities { get; }

    /// <summary>In date, of all authorities; the client "revoked" is on them.</summary>
    public string RevocationLists { get; }

    public TestAuthority Root => _root;

    public TestAuthority Intermediate => _intermediate;

    public X509Certificate2 this[string client] => _clients[client];

    /// <summary>For <c>s_client</c>; "none" presents nothing. "alone" is the good client without its intermediate.</summary>
    public IReadOnlyList<string> Arguments(string client) => client switch
    {
        "none" => [],
        "alone" => ["-cert", Path.Combine(_directory, "good.crt"), "-key", Path.Combine(_directory, "good.key")],
        _ => ["-cert", Path.Combine(_directory, $"{client}.crt"), "-key", Path.Combine(_directory, $"{client}.key"), "-cert_chain", Path.Combine(_directory, "chain.pem")],
    };

    /// <summary>Lists of all authorities with these clients on the intermediate's.</summary>
    public string WriteLists(string name, params IReadOnlyList<string> revoked) => WriteLists(name, null, revoked);

    /// <summary>The same, to end at a time.</summary>
    public string WriteLists(string name, DateTimeOffset? nextUpdate, params IReadOnlyList<string> revoked) => Write(
        name,
        _root.RevocationList(nextUpdate) + _intermediate.RevocationList(nextUpdate, [.. revoked.Select(client => _clients[client])]) + _deep.RevocationList(nextUpdate));

    public string PathOf(string name) => Path.Combine(_directory, name);

    /// <returns>The path.</returns>
    public string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        foreach (var certificate in _clients.Values)
            certificate.Dispose();
        foreach (var authority in (TestAuthority[])[_root, _other, _intermediate, _deep])
            authority.Dispose();
    }
}
