using System.Text.Json.Nodes;

namespace Reprise.Edge.Tests.Harness;

/// <summary>A node's configuration file, as in the agreement on disk: three profiles, budgets that no busy machine overruns.</summary>
internal static class EdgeSettings
{
    public const string Stateful = "stateful.reprise.test";
    public const string Stateless = "stateless.reprise.test";

    public static JsonObject Of(string node, string redis, string keyService, string upstream) => new()
    {
        ["Edge"] = new JsonObject
        {
            ["Node"] = node,
            ["Listen"] = new JsonArray("127.0.0.1:0"),
            ["Management"] = "127.0.0.1:0",
            ["Diagnostics"] = true,
            ["ReadyFile"] = $"{node}.ready.json",
            ["DrainTimeout"] = "00:00:20",
        },
        ["Sessions"] = new JsonObject { ["Redis"] = redis, ["LookupBudget"] = "00:00:05", ["StoreBudget"] = "00:00:05" },
        ["KeyService"] = new JsonObject
        {
            ["Addresses"] = new JsonArray($"https://{keyService}"),
            ["Authority"] = "pki/ca.crt",
            ["Certificate"] = $"pki/{node}.crt",
            ["Key"] = $"pki/{node}.key",
            ["HeartbeatInterval"] = "00:00:01",
        },
        ["Profiles"] = new JsonObject
        {
            ["stateful"] = Profile([Stateful], stateful: true, stateless: false, "Stateful", upstream),
            ["stateless"] = Profile([Stateless], stateful: false, stateless: true, "Stateless", upstream),
            ["default"] = Profile([], stateful: true, stateless: true, "Stateless", upstream),
        },
    };

    public static JsonObject Profile(string[] hosts, bool stateful, bool stateless, string tls13, string upstream) => new()
    {
        ["Hosts"] = new JsonArray([.. hosts.Select(host => JsonValue.Create(host))]),
        ["Certificates"] = new JsonArray(new JsonObject { ["Chain"] = "pki/site.crt", ["Key"] = "pki/site.key" }),
        ["Resumption"] = new JsonObject { ["Stateful"] = stateful, ["Stateless"] = stateless, ["Tls13"] = tls13 },
        ["Upstream"] = new JsonObject { ["Http"] = new JsonArray(upstream) },
    };

    /// <summary>Sets a value by its key, as <c>Profiles:stateful:Resumption:Stateful</c>.</summary>
    public static JsonObject With(this JsonObject settings, string key, JsonNode? value)
    {
        JsonNode at = settings;
        var parts = key.Split(':');
        foreach (var part in parts[..^1])
        {
            if (at is JsonArray list)
                at = list[int.Parse(part, provider: null)]!;
            else
                at = at[part] ??= new JsonObject();
        }

        if (at is JsonArray last && int.Parse(parts[^1], provider: null) is var index)
        {
            if (index == last.Count)
                last.Add(value);
            else
                last[index] = value;
        }
        else
            at[parts[^1]] = value;
        return settings;
    }
}
