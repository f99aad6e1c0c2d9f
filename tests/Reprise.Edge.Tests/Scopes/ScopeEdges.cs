using System.Net;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>
/// Two nodes that have the same profiles, by a listener for most of them and one for each; twice, as a profile has one way to resume
/// TLS 1.3. A witness stands behind each profile.
/// </summary>
public sealed class ScopeEdges(EdgeWorld world) : IAsyncLifetime
{
    public const string Collection = "scope";

    private readonly TemporaryDirectory _files = new();
    private EdgeNode[] _handles = [];
    private EdgeNode[] _tickets = [];

    internal ClientPki Clients { get; private set; } = null!;

    internal Witness Witness { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clients = new ClientPki(_files.File("clients"));
        foreach (var client in (string[])["good", "foreign", "direct"])
            Clients.Write($"{client}.pem", $"{Clients[client].ExportCertificatePem()}\n{Clients.Intermediate.Certificate.ExportCertificatePem()}\n");
        foreach (var name in (string[])["scope-1", "scope-2"])
        {
            using var certificate = world.Authority.Site(SiteKey.EcdsaP256, "*.scope.test", "*.wild.scope.test", "*.other.test");
            TestAuthority.Write(certificate, world.File("pki"), name);
        }

        Witness = await Witness.StartAsync([.. ScopeProfile.All.Select(profile => profile.Name)]);
        var starting = new[] { ("edge-1", "Stateless"), ("edge-2", "Stateless"), ("edge-3", "Stateful"), ("edge-4", "Stateful") }
            .Select(node => world.StartEdgeAsync(Settings(node.Item1, node.Item2))).ToList();
        var nodes = await Task.WhenAll(starting);
        (_tickets, _handles) = (nodes[..2], nodes[2..]);
        foreach (var node in nodes)
            await node.MetricsSayAsync(now => now.Sum("reprise_store_connected") == 1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in (EdgeNode[])[.. _tickets, .. _handles])
            await node.DisposeAsync();
        await Witness.DisposeAsync();
        Clients.Dispose();
        _files.Dispose();
    }

    /// <summary>The pair of nodes that has sessions of a kind.</summary>
    internal (EdgeNode One, EdgeNode Two) Nodes(SessionKind kind)
    {
        var nodes = kind is { Version: "1.3", Mode: "stateful" } ? _handles : _tickets;
        return (nodes[0], nodes[1]);
    }

    internal static IPEndPoint Listener(EdgeNode node, string name) => IPEndPoint.Parse(node.Process.Ready.GetProperty("listeners").GetProperty(name).GetString()!);

    private JsonObject Settings(string node, string tls13)
    {
        var settings = world.Settings(node).With("Edge:Listen", new JsonArray()).With("Profiles", new JsonObject())
            .With("Edge:Listeners:main:Address", "127.0.0.1:0")
            .With("Edge:Listeners:main:Profiles", new JsonArray([.. ScopeProfile.All.Where(profile => !profile.Apart).Select(profile => JsonValue.Create(profile.Name))]));
        foreach (var profile in ScopeProfile.All)
        {
            settings.With($"Edge:Listeners:{profile.Name}:Address", "127.0.0.1:0").With($"Edge:Listeners:{profile.Name}:Profiles", new JsonArray(profile.Name));
            var section = EdgeSettings.Profile(profile.Pattern is null ? [] : [profile.Pattern], stateful: true, stateless: true, tls13, Witness.AddressOf(profile.Name))
                .With("Certificates:0:Chain", "pki/scope-1.crt").With("Certificates:0:Key", "pki/scope-1.key").With("Resumption:TicketsPerHandshake", 8);
            foreach (var (key, json) in profile.Settings)
                section.With(key, JsonNode.Parse(json.Replace("clients/", _files.File("clients") + "/", StringComparison.Ordinal)));
            settings["Profiles"]![profile.Name] = section;
        }

        return settings;
    }
}

[CollectionDefinition(ScopeEdges.Collection)]
public sealed class ScopeEdgesCollection : ICollectionFixture<ScopeEdges>;
