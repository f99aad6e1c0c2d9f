using System.Text.Json.Serialization;

namespace Reprise.Cli.Cluster;

/// <summary>A running cluster, as <c>cluster.json</c> tells it. Addresses are <c>host:port</c>.</summary>
internal sealed record ClusterDescription
{
    public required IReadOnlyList<EdgeEntry> Edges { get; init; }

    public required IReadOnlyList<KeyServiceEntry> KeyService { get; init; }

    public string? Redis { get; init; }

    /// <summary>File whose first line is the password of <see cref="Redis"/>; null if it asks for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RedisPasswordFile { get; init; }

    public required PkiEntry Pki { get; init; }
}

/// <param name="Name">The node's name.</param>
/// <param name="Tls">Where it answers TLS clients.</param>
/// <param name="Management">Where it answers <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>.</param>
/// <param name="Pid">Its process on this machine, if it is one.</param>
internal sealed record EdgeEntry(string Name, string Tls, string? Management = null, int? Pid = null);

/// <param name="Grpc">Where it answers nodes and admins (mTLS).</param>
/// <param name="Management">Where it answers <c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>.</param>
/// <param name="Pid">Its process on this machine, if it is one.</param>
/// <param name="Name">Its name.</param>
/// <param name="Dashboard">Where it answers operators' browsers (https); null where it does not.</param>
internal sealed record KeyServiceEntry(
    string Grpc, string? Management = null, int? Pid = null, [property: JsonPropertyOrder(-1)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Dashboard = null);

/// <summary>PEM files: the CA that signed everything, and an admin's certificate and key.</summary>
internal sealed record PkiEntry(string Ca, string? AdminCert = null, string? AdminKey = null);
