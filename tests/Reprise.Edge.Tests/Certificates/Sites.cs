using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using Reprise.Testing.Sites;

namespace Reprise.Edge.Tests.Certificates;

/// <summary>One node with sites that differ in certificates and TLS settings, beside the default one.</summary>
public sealed class Sites(EdgeWorld world) : IAsyncLifetime
{
    public const string Secret = "open-sesame";

    /// <summary>ECDSA and RSA, the RSA key encrypted; each with its OCSP response.</summary>
    public const string Two = "two.test";

    /// <summary>TLS 1.3 only, from PKCS#12, with an OCSP response that has expired.</summary>
    public const string Strict = "strict.test";

    /// <summary>TLS 1.2 only.</summary>
    public const string Old = "old.test";

    private readonly TemporaryDirectory _files = new();

    internal SiteAuthority Authority { get; } = new();

    internal Site Ecdsa { get; private set; } = null!;

    internal Site Rsa { get; private set; } = null!;

    internal EdgeNode Node { get; private set; } = null!;

    /// <summary>PEM file of the root that all sites' chains end at, but the default one's.</summary>
    internal string Root => _files.File("root.crt");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Root, Site.Pem(Authority.Root));
        await File.WriteAllTextAsync(_files.File("password"), $"{Secret}\n");
        File.SetUnixFileMode(_files.File("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Ecdsa = Authority.Issue(new SiteRequest { Hosts = [Two] });
        Rsa = Authority.Issue(new SiteRequest { Hosts = [Two], Kind = SiteKind.Rsa2048 });
        var encrypted = Write(Rsa, "rsa");
        await OpenSslTool.RunAsync("pkcs8", "-topk8", "-in", encrypted["Key"]!.GetValue<string>(), "-out", _files.File("encrypted.key"), "-passout", $"pass:{Secret}");
        encrypted["Key"] = _files.File("encrypted.key");
        encrypted["PasswordFile"] = _files.File("password");

        var settings = world.Settings("edge-6")
            .With("Profiles:two", Profile([Two], Write(Ecdsa, "ecdsa"), encrypted))
            .With("Profiles:strict", Profile([Strict], await Pkcs12Async()))
            .With("Profiles:strict:Tls", JsonNode.Parse("""{ "MinimumVersion": "1.3", "Groups": "P-384:X25519", "CipherSuites": "TLS_AES_256_GCM_SHA384", "Alpn": [] }"""))
            .With("Profiles:strict:Resumption:TicketsPerHandshake", 3)
            .With("Profiles:old", Profile([Old, "*.old.test"], Write(Authority.Issue(new SiteRequest { Hosts = [Old, "*.old.test"] }), "old")))
            .With("Profiles:old:Tls", JsonNode.Parse("""{ "MaximumVersion": "1.2", "CipherList": "ECDHE-ECDSA-AES256-GCM-SHA384", "Alpn": ["http/1.1"] }"""));
        Node = await world.StartEdgeAsync(settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        _files.Dispose();
    }

    /// <summary>A visit by <c>openssl s_client</c> that asks for the handshake report, and believes the sites' root only.</summary>
    internal async Task<Visit> VisitAsync(string host, params string[] arguments) => new(await new OpenSsl(Node.Tls)
    {
        ServerName = host,
        CaFile = Root,
        Request = OpenSsl.Get("/.well-known/reprise/handshake", host.TrimEnd('.')),
        Arguments = arguments,
    }.RunAsync());

    private JsonObject Profile(string[] hosts, params JsonNode[] certificates) =>
        EdgeSettings.Profile(hosts, stateful: true, stateless: true, "Stateless", world.Upstream.Address).With("Certificates", new JsonArray(certificates));

    private JsonObject Write(Site site, string name)
    {
        var files = site.Write(_files.Path, name);
        return new JsonObject { ["Chain"] = files.Chain, ["Key"] = files.Key, ["OcspResponse"] = site.WriteOcsp(_files.Path, $"{name}.ocsp") };
    }

    private async Task<JsonObject> Pkcs12Async()
    {
        var site = Authority.Issue(new SiteRequest { Hosts = [Strict] });
        var files = site.Write(_files.Path, "strict");
        var pkcs12 = _files.File("strict.p12");
        await OpenSslTool.RunAsync("pkcs12", "-export", "-in", files.Chain, "-inkey", files.Key, "-out", pkcs12, "-passout", $"pass:{Secret}");
        File.SetUnixFileMode(pkcs12, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var expired = new OcspAnswer { ThisUpdate = DateTime.UtcNow.AddDays(-3), NextUpdate = DateTime.UtcNow.AddHours(-1) };
        return new JsonObject { ["Pkcs12"] = pkcs12, ["PasswordFile"] = _files.File("password"), ["OcspResponse"] = site.WriteOcsp(_files.Path, "strict.ocsp", expired) };
    }
}
