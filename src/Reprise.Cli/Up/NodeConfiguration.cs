using System.Text.Json;
using System.Text.Json.Nodes;
using Reprise.Cli.Certs;
using Reprise.Cli.Cluster;

namespace Reprise.Cli.Up;

/// <summary>The configuration files of the nodes, in the form that anybody would write by hand; paths relative to the file.</summary>
internal static class NodeConfiguration
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void WriteKeyService(string file, KeyServiceConfiguration service) => Write(file, new JsonObject
    {
        ["KeyService"] = new JsonObject
        {
            ["Name"] = service.Name,
            ["Grpc"] = $"127.0.0.1:{service.GrpcPort}",
            ["Management"] = $"127.0.0.1:{service.ManagementPort}",
            ["ReadyFile"] = $"{service.Name}.ready.json",
            ["Authority"] = "pki/ca.crt",
            ["Certificate"] = $"pki/{service.Name}.crt",
            ["Key"] = $"pki/{service.Name}.key",
            ["KeyEncryptionKeyFile"] = $"pki/{PkiDirectory.KeyEncryptionKeyName}",
        },
        ["Store"] = new JsonObject { ["Redis"] = service.Redis },
        ["Dashboard"] = new JsonObject
        {
            ["Listen"] = $"127.0.0.1:{service.DashboardPort}",
            ["TokenFile"] = $"pki/{PkiDirectory.DashboardTokenName}",
        },
    });

    public static void WriteEdge(string file, EdgeConfiguration edge) => Write(file, new JsonObject
    {
        ["Edge"] = new JsonObject
        {
            ["Node"] = edge.Name,
            ["Listen"] = new JsonArray($"127.0.0.1:{edge.Port}"),
            ["Management"] = $"127.0.0.1:{edge.ManagementPort}",
            ["Diagnostics"] = true,
            ["ReadyFile"] = $"{edge.Name}.ready.json",
        },
        // Everything shares this machine, and the first lookups run code that is not compiled yet: more patience than in production.
        ["Sessions"] = new JsonObject { ["Redis"] = edge.Redis, ["LookupBudget"] = "00:00:00.100", ["StoreBudget"] = "00:00:00.100" },
        ["KeyService"] = new JsonObject
        {
            ["Addresses"] = new JsonArray([.. edge.KeyServices.Select(address => JsonValue.Create($"https://{address}"))]),
            ["Authority"] = "pki/ca.crt",
            ["Certificate"] = $"pki/{edge.Name}.crt",
            ["Key"] = $"pki/{edge.Name}.key",
        },
        ["Profiles"] = new JsonObject
        {
            ["stateful"] = Profile(["stateful.reprise.test"], stateful: true, stateless: false, "Stateful", edge.Upstream),
            ["stateless"] = Profile(["stateless.reprise.test"], stateful: false, stateless: true, "Stateless", edge.Upstream),
            ["default"] = Profile([], stateful: true, stateless: true, "Stateless", edge.Upstream),
        },
    });

    private static JsonObject Profile(string[] hosts, bool stateful, bool stateless, string tls13, string upstream) => new()
    {
        ["Hosts"] = new JsonArray([.. hosts.Select(host => JsonValue.Create(host))]),
        ["Certificates"] = new JsonArray(new JsonObject { ["Chain"] = "pki/site.crt", ["Key"] = "pki/site.key" }),
        ["Resumption"] = new JsonObject { ["Stateful"] = stateful, ["Stateless"] = stateless, ["Tls13"] = tls13 },
        ["Upstream"] = new JsonObject { ["Http"] = new JsonArray($"http://{upstream}") },
    };

    private static void Write(string file, JsonObject configuration) =>
        AtomicFile.Write(file, configuration.ToJsonString(Indented) + "\n");
}
