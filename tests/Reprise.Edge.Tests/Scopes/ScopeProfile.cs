using System.Text.Json.Nodes;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>One of the profiles between which no session may pass.</summary>
/// <param name="Name">As in the configuration.</param>
/// <param name="Host">A name that it is reached by.</param>
/// <param name="Pattern">Its <c>Hosts</c>; null: none, the default profile.</param>
/// <param name="Client">Whose certificate its own clients show; null: it verifies none.</param>
/// <param name="Required">It lets nobody in without one.</param>
/// <param name="Tls12">TLS 1.2 is allowed.</param>
/// <param name="Apart">Reached by a listener of its own only.</param>
/// <param name="Settings">What sets it apart: keys below the profile's, and values as JSON.</param>
internal sealed record ScopeProfile(
    string Name, string Host, string? Pattern, string? Client = null, bool Required = false, bool Tls12 = true, bool Apart = false, params (string Key, string Json)[] Settings)
{
    public const string Site = "site.scope.test";

    /// <summary>Each differs from "site" in its name, in its hosts, and in one thing more; "apart" in its name only.</summary>
    public static IReadOnlyList<ScopeProfile> All { get; } =
    [
        new("default", "any.other.test", null),
        new("site", Site, Site),
        new("apart", Site, Site, Apart: true),
        new("key", "key.scope.test", "key.scope.test", Settings: [("Certificates:0:Chain", "\"pki/scope-2.crt\""), ("Certificates:0:Key", "\"pki/scope-2.key\"")]),
        new("wild", "a.wild.scope.test", "*.wild.scope.test"),
        new("required", "required.scope.test", "required.scope.test", "good", Required: true, Settings: Verify("Required", "authorities.pem")),
        new("rival", "rival.scope.test", "rival.scope.test", "foreign", Required: true, Settings: Verify("Required", "other.pem")),
        new("optional", "optional.scope.test", "optional.scope.test", "good", Settings: Verify("Optional", "authorities.pem")),
        new("ciphers", "ciphers.scope.test", "ciphers.scope.test", Settings: [("Tls:CipherList", "\"ECDHE-ECDSA-AES256-GCM-SHA384\""), ("Tls:CipherSuites", "\"TLS_AES_256_GCM_SHA384\"")]),
        new("alpn", "alpn.scope.test", "alpn.scope.test", Settings: [("Tls:Alpn", """["http/1.1"]""")]),
        new("modern", "modern.scope.test", "modern.scope.test", Tls12: false, Settings: [("Tls:MinimumVersion", "\"1.3\"")]),
        new("later", "later.scope.test", "later.scope.test", Settings: [("Resumption:PolicyGeneration", "1")]),
    ];

    public static ScopeProfile Of(string name) => All.Single(profile => profile.Name == name);

    /// <summary>The listener that it is reached by: the one of most, or its own.</summary>
    public string Listener => Apart ? Name : "main";

    /// <summary>The alert that clients of a version get who show nothing; null where they are served.</summary>
    public string? Refusal(string version) =>
        version == "1.2" && !Tls12 ? "alert protocol version"
        : !Required ? null
        : version == "1.2" ? "alert handshake failure" : "alert certificate required";

    public override string ToString() => Name;

    private static (string Key, string Json)[] Verify(string mode, string authorities) =>
    [
        ("ClientAuth:Mode", JsonValue.Create(mode).ToJsonString()),
        ("ClientAuth:Authorities", JsonValue.Create($"clients/{authorities}").ToJsonString()),
        ("Resumption:ResumeAuthenticatedClients", "true"),
    ];
}
