using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Client;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Reload;

/// <summary>A node with a key service, a configuration file and site files of its own, which are changed while it runs.</summary>
internal sealed class LiveEdge : IAsyncDisposable
{
    public const string Stateful = EdgeSettings.Stateful;
    public const string Stateless = EdgeSettings.Stateless;

    private readonly EdgeWorld _world;
    private readonly NodeProcess _keys;
    private readonly string _directory;
    private ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private int _file;

    private LiveEdge(EdgeWorld world, NodeProcess keys)
    {
        _world = world;
        _keys = keys;
        _directory = world.Directory();
        Settings = world.Settings(keyService: KeyService).With("Edge:ReloadInterval", "00:00:00.200");
        foreach (var (_, profile) in Settings["Profiles"]!.AsObject())
            profile!.AsObject().With("Certificates:0", Certificate());
        Issue();
    }

    public JsonObject Settings { get; }

    public EdgeNode Node { get; private set; } = null!;

    public string Config => Path.Combine(_directory, "edge.json");

    public KeyServiceChannel Admin => _world.Admin(KeyService);

    public int Reloads => Node.Process.Lines.Count(line => line.Contains("Configuration reloaded: ", StringComparison.Ordinal));

    private string KeyService => _keys.Ready.GetProperty("grpc").GetString()!;

    public static JsonObject Certificate(string chain = "site.crt", string key = "site.key") => new() { ["Chain"] = chain, ["Key"] = key };

    public static async Task<LiveEdge> StartAsync(EdgeWorld world, Action<LiveEdge>? change = null)
    {
        var edge = new LiveEdge(world, await world.StartKeyServiceAsync(rotation: new JsonObject { ["MinimumSpacing"] = "00:00:00" }));
        change?.Invoke(edge);
        edge.Write();
        var process = await NodeProcess.StartAsync(EdgeWorld.Project, edge.Config, edge.File("edge-1.ready.json"), timeout: TimeSpan.FromSeconds(120));
        edge.Node = new EdgeNode(process, "edge-1", world.CaFile);
        return edge;
    }

    public string File(string name) => Path.Combine(_directory, name);

    public string SessionFile() => File($"session-{Interlocked.Increment(ref _file)}.pem");

    /// <summary>A certificate for the key at hand, or for a new one, where profiles have theirs. Renamed into its place, as tools do.</summary>
    public void Issue(bool newKey = false, string name = "site")
    {
        if (newKey)
        {
            _key.Dispose();
            _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        }

        var request = new CertificateRequest("CN=reprise.test", _key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in new[] { Stateful, Stateless, "*.reprise.test", "localhost" })
            names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(_world.Authority.Certificate, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(16));
        Put($"{name}.key", _key.ExportPkcs8PrivateKeyPem());
        Put($"{name}.crt", certificate.ExportCertificatePem());
    }

    /// <summary>Writes the settings, renamed into their place.</summary>
    public void Write() => Put("edge.json", Settings.ToJsonString());

    /// <summary>Does something that makes the node reload, and waits until it has.</summary>
    public async Task ReloadAsync(Action change)
    {
        var before = Reloads;
        change();
        try
        {
            await Eventually.TrueAsync(() => Reloads > before, TimeSpan.FromSeconds(60));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"No reload within a minute.\n{Node.Process.Output}");
        }
    }

    /// <summary>Changes settings, and waits until they are in force.</summary>
    public Task ChangeAsync(string key, JsonNode? value) => ReloadAsync(() =>
    {
        Settings.With(key, value);
        Write();
    });

    /// <summary>A full handshake whose session is kept.</summary>
    public async Task<string> KeepAsync(string version, string host, bool noTicket = false)
    {
        var file = SessionFile();
        var visit = await Node.VisitAsync(version, host, noTicket, keep: file);
        Assert.True(visit.Kind == HandshakeKind.Full && System.IO.File.Exists(file), visit.ToString());
        return file;
    }

    public async Task<Visit> OfferAsync(string version, string host, string session, bool noTicket = false) =>
        await Node.VisitAsync(version, host, noTicket, offer: session);

    public async ValueTask DisposeAsync()
    {
        if (Node is not null)
            await Node.DisposeAsync();
        await _keys.DisposeAsync();
        _key.Dispose();
    }

    private void Put(string name, string text)
    {
        System.IO.File.WriteAllText(File(name + ".new"), text);
        System.IO.File.Move(File(name + ".new"), File(name), overwrite: true);
    }
}
