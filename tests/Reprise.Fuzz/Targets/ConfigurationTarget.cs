using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Profiles;
using Reprise.Edge.Tests.Harness;
using Reprise.KeyProtocol.Hosting;
using Reprise.Testing;
using Reprise.Tls.Interop;

namespace Reprise.Fuzz.Targets;

/// <summary>A node's configuration, changed in its values, its keys and its bytes: it is taken, or refused in one line; nothing else happens.</summary>
internal sealed class ConfigurationTarget : FuzzTarget
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1e999", "99999999999999999999", "\"\"", "\" \"", "\"\\u0000\"", "\"a\\nb\"", "{}", "[]", "[[]]", "[null]", "{\"\":1}",
        "\"127.0.0.1:99999\"", "\"::\"", "\"*\"", "\"*.*\"", "\"..\"", "\"-1\"", "\"99999999.00:00:00\"", "\"00:00:00\"", "\"-00:00:01\"", "\"pki/ca.crt\"", "\"pki\"", "\"/dev/null\"",
        "\"http://\"", "\"http://:0\"", "\"https://[::1\"", "\"ssl=true\"", "\"127.0.0.1:1,password=\"", "\"Stateful\"", "\"None\"", "\"1.1\"", "\"X25519:\"", "[\"h2\",\"h2\"]",
    ];

    private readonly string _file;

    public ConfigurationTarget(string directory)
    {
        using (var authority = new TestAuthority())
            authority.WriteAll(Path.Combine(directory, "pki"), edges: 1);
        _file = Path.Combine(directory, "edge.json");
        Seeds = [Encoding.UTF8.GetBytes(Plain().ToJsonString()), Encoding.UTF8.GetBytes(Rich().ToJsonString())];
        foreach (var seed in Seeds)
        {
            Run(seed); // or all that is made of it shows nothing
            Require(_taken, $"refused without a change: {_refused}");
        }
    }

    private bool _taken;
    private string? _refused;

    public override IReadOnlyList<byte[]> Seeds { get; }

    public override int Turn => 20;

    public override byte[] Change(byte[] seed, Random random)
    {
        if (random.Next(5) == 0)
            return Mutator.Mutate(seed, random);
        var root = JsonNode.Parse(seed)!;
        for (var times = random.Next(1, 4); times > 0; times--)
            ChangeOne(root, random);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    public override void Run(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        _taken = false;
        try
        {
            var host = EdgeHost.Create(ConfigurationFile.Open(_file));
            try
            {
                host.Services.GetRequiredService<IStartupValidator>().Validate();
                _taken = true;
            }
            finally
            {
                host.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        }
        catch (Exception refused) when (refused is ConfigurationFileException or ProfileException or OptionsValidationException or OpenSslException)
        {
            _refused = refused.Message;
            // As Program.cs prints it.
            Require(refused.Message.Length > 0 && !refused.Message.Contains('\n', StringComparison.Ordinal), $"not one line: '{refused.Message}'");
        }
    }

    private static JsonObject Plain() => EdgeSettings.Of("edge-1", "127.0.0.1:1", "127.0.0.1:2", "http://127.0.0.1:3");

    /// <summary>With most of what can be set.</summary>
    private static JsonObject Rich()
    {
        var settings = Plain()
            .With("Edge:Listeners", JsonNode.Parse("""{ "db": { "Address": "127.0.0.1:0", "Profiles": ["db"], "ProxyProtocol": "Optional" } }"""))
            .With("Edge:ProxyProtocol", JsonNode.Parse("""{ "Trusted": ["10.0.0.0/8", "::1/128"] }"""))
            .With("Edge:Limits", JsonNode.Parse("""{ "Connections": 1000, "ConnectionsPerAddress": 100, "HandshakesPerSecondPerAddress": 50 }"""))
            .With("Profiles:stateful:Tls", JsonNode.Parse("""{ "MinimumVersion": "1.2", "MaximumVersion": "1.3", "CipherSuites": "TLS_AES_128_GCM_SHA256", "Groups": "X25519:P-256", "Alpn": ["http/1.1"] }"""))
            .With("Profiles:stateless:ClientAuth", JsonNode.Parse("""{ "Mode": "Required", "Authorities": "pki/ca.crt", "Depth": 2 }"""))
            .With("Profiles:default:Upstream", JsonNode.Parse("""{ "Cluster": "app" }"""))
            .With("ReverseProxy", JsonNode.Parse("""{ "Clusters": { "app": { "LoadBalancingPolicy": "RoundRobin", "Destinations": { "one": { "Address": "http://127.0.0.1:3" } } } } }"""));
        settings["Profiles"]!["db"] = EdgeSettings.Profile(["db.reprise.test"], stateful: true, stateless: true, "Stateless", "http://127.0.0.1:3")
            .With("Upstream", JsonNode.Parse("""{ "Tcp": { "Addresses": ["127.0.0.1:5432", "db.internal:5432"], "ProxyProtocol": "V2" } }"""));
        return settings;
    }

    private static void ChangeOne(JsonNode root, Random random)
    {
        var at = root;
        while (true)
        {
            var children = at is JsonObject set ? set.Count : at is JsonArray list ? list.Count : 0;
            if (children == 0)
                return;
            var place = random.Next(children);
            var child = at is JsonObject within ? within.ElementAt(place).Value : ((JsonArray)at)[place];
            if (child is JsonObject or JsonArray && random.Next(6) > 0)
            {
                at = child;
                continue;
            }

            Replace(at, place, random);
            return;
        }
    }

    private static void Replace(JsonNode parent, int place, Random random)
    {
        var value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        if (parent is JsonArray list)
        {
            if (random.Next(4) == 0)
                list.Add(random.Next(2) == 0 ? value : list[place]?.DeepClone());
            else
                list[place] = value;
            return;
        }

        var set = (JsonObject)parent;
        var (key, _) = set.ElementAt(place);
        switch (random.Next(8))
        {
            case 0:
                set.Remove(key);
                break;
            case 1:
                set[key + (char)random.Next(32, 127)] = value;
                break;
            case 2:
                set[key.ToUpperInvariant()] = value; // keys are the same in either case
                break;
            default:
                set[key] = value;
                break;
        }
    }
}
