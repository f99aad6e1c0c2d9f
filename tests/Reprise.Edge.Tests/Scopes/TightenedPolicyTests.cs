using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Tls.Client;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>A policy is made stricter while nodes run: older sessions, of every kind and on every node, are worth nothing from that moment on.</summary>
public sealed class TightenedPolicyTests(EdgeWorld world)
{
    private static readonly string[] Verified = ["authorities", "authorities-file", "depth", "forget"];

    /// <summary>Each in a profile of its own, beside one in which nothing changes.</summary>
    private static readonly Dictionary<string, (string Key, string Json)> Changes = new()
    {
        ["mode"] = ("ClientAuth", """{ "Mode": "Required", "Authorities": "CLIENTS/authorities.pem" }"""),
        ["authorities"] = ("ClientAuth:Authorities", "\"CLIENTS/other.pem\""),
        ["authorities-file"] = ("IdleTimeout", "\"00:01:00\""), // and its file
        ["depth"] = ("ClientAuth:Depth", "1"),
        ["forget"] = ("Resumption:ResumeAuthenticatedClients", "false"),
        ["version"] = ("Tls", """{ "MinimumVersion": "1.3" }"""),
        ["ciphers"] = ("Tls", """{ "CipherList": "ECDHE-ECDSA-AES256-GCM-SHA384", "CipherSuites": "TLS_AES_256_GCM_SHA384" }"""),
        ["alpn"] = ("Tls", """{ "Alpn": ["http/1.1"] }"""),
        ["generation"] = ("Resumption:PolicyGeneration", "1"),
        ["same"] = ("IdleTimeout", "\"00:01:00\""),
    };

    [Fact]
    public async Task Reload_OfAStricterPolicy_EndsAllOlderSessionsOnAllNodes()
    {
        await using var pair = await LivePair.StartAsync(world, clients =>
        {
            var authorities = File.ReadAllText(clients.Authorities);
            return Changes.Keys.ToDictionary(name => name, name => !Verified.Contains(name) ? [] : new JsonObject
            {
                ["ClientAuth:Mode"] = "Required",
                ["ClientAuth:Authorities"] = clients.Write($"{name}.pem", authorities),
                ["Resumption:ResumeAuthenticatedClients"] = true,
            });
        });
        var held = (from name in Changes.Keys from kind in SessionKind.All select (name, kind, sessions: pair.Keep(name, kind, ClientOf(name)))).ToList();

        await pair.ReloadAsync((name, profile) =>
        {
            var (key, json) = Changes[name];
            profile.With(key, JsonNode.Parse(json.Replace("CLIENTS", Path.GetDirectoryName(pair.Clients.Authorities), StringComparison.Ordinal)));
            if (name == "authorities-file")
                pair.Clients.Write($"{name}.pem", File.ReadAllText(pair.Clients.OtherAuthorities));
        });

        foreach (var (name, kind, sessions) in held)
        {
            foreach (var node in pair.Nodes)
            {
                if (name == "same")
                    pair.AssertResumes(node, name, kind, sessions);
                else
                    AssertDead(pair, node, name, kind, sessions);
            }
        }

        // What is issued from now on is as good as ever.
        foreach (var name in (string[])["ciphers", "alpn", "generation", "same", "depth"])
        {
            foreach (var kind in SessionKind.All)
                pair.Keep(name, kind, ClientOf(name));
        }
    }

    [Fact]
    public async Task SetResumption_OffAndOnAgain_EndsAllOlderSessionsOnAllNodesForGood()
    {
        await using var pair = await LivePair.StartAsync(world, _ => new Dictionary<string, JsonObject> { ["switched"] = [], ["other"] = [] });
        using var admin = pair.Admin;
        var held = SessionKind.All.Select(kind => (kind, sessions: pair.Keep("switched", kind))).ToList();
        var others = SessionKind.All.Select(kind => (kind, sessions: pair.Keep("other", kind))).ToList();

        foreach (var on in (bool[])[false, true])
        {
            foreach (var profile in (string[])["switched-tickets", "switched-handles"])
            {
                var set = await admin.Admin.SetResumptionAsync(new() { Profile = profile, Stateful = on, Stateless = on });
                Assert.Equal(2, set.Acknowledgements.Nodes.Count(node => node.HasMilliseconds));
            }

            foreach (var (kind, sessions) in held)
            {
                foreach (var node in pair.Nodes)
                {
                    using var visit = pair.Offer(node, "switched", kind, sessions);
                    Assert.True(visit is { Resumed: false, Mode: "full", Status: 200 }, $"{on}, {kind}: {visit}");
                }
            }
        }

        foreach (var (kind, sessions) in others)
            pair.AssertResumes(pair.Nodes[0], "other", kind, sessions);
        foreach (var kind in SessionKind.All)
            pair.Keep("switched", kind);
    }

    [Fact]
    public async Task Reload_OfARevocationList_EndsTheSessionsOfWhomItNamesAndOfNobodyElse()
    {
        await using var pair = await LivePair.StartAsync(world, clients => new Dictionary<string, JsonObject>
        {
            ["lists"] = new()
            {
                ["ClientAuth:Mode"] = "Required",
                ["ClientAuth:Authorities"] = clients.Authorities,
                ["ClientAuth:RevocationLists"] = new JsonArray(clients.WriteLists("live.pem")),
                ["Resumption:ResumeAuthenticatedClients"] = true,
            },
        });
        var held = SessionKind.All.Select(kind => (kind, revoked: pair.Keep("lists", kind, "good"), other: pair.Keep("lists", kind, "rsa"))).ToList();

        await pair.ReloadAsync((_, _) => pair.Clients.WriteLists("live.pem", "good"));

        foreach (var node in pair.Nodes)
        {
            foreach (var (kind, revoked, other) in held)
            {
                using (var visit = pair.Offer(node, "lists", kind, revoked, "good", listen: true))
                    Assert.Contains("alert certificate revoked", visit.Failure ?? $"{kind}: {visit}", StringComparison.Ordinal);
                using (var visit = pair.Offer(node, "lists", kind, revoked, listen: true))
                    Assert.Contains(kind.Version == "1.3" ? "alert certificate required" : "alert handshake failure", visit.Failure ?? $"{kind}: {visit}", StringComparison.Ordinal);
                pair.AssertResumes(node, "lists", kind, other); // and needs no certificate for it
            }
        }
    }

    // By somebody who has the session and nothing else, and where a certificate is asked for also by the client itself.
    private static void AssertDead(LivePair pair, EdgeNode node, string name, SessionKind kind, Queue<ClientSession> sessions)
    {
        var required = name == "mode" || Verified.Contains(name);
        foreach (var client in required ? (string?[])[null, "good"] : [null])
        {
            var refusal = (name, kind.Version, client) switch
            {
                ("version", "1.2", _) => "alert protocol version",
                _ when !required => null,
                (_, "1.3", null) => "alert certificate required",
                (_, _, null) => "alert handshake failure",
                ("authorities" or "authorities-file", _, _) => "alert unknown ca",
                _ => null,
            };
            using var visit = pair.Offer(node, name, kind, sessions, client, listen: refusal is not null);

            Assert.False(visit.Resumed, $"{name}, {kind}: {visit}");
            if (refusal is null)
                Assert.True(visit is { Mode: "full", Status: 200 }, $"{name}, {kind}: {visit}");
            else
                Assert.Contains(refusal, visit.Failure ?? $"{name}, {kind}: {visit}", StringComparison.Ordinal);
        }
    }

    private static string? ClientOf(string name) => Verified.Contains(name) ? "good" : null;
}
