using StackExchange.Redis;

namespace Reprise.KeyService.Store;

/// <summary>Where things are in Redis. One hash tag: a transaction may span them, also in a Redis Cluster.</summary>
internal static class StoreKeys
{
    private const string Prefix = "reprise:k:{keys}:";

    /// <summary>The ledger, sealed.</summary>
    public const string Ledger = Prefix + "ledger";

    /// <summary>The lease of who leads.</summary>
    public const string Leader = Prefix + "leader";

    /// <summary>A hash: each node as the key service knows it that has its stream, sealed. See <see cref="NodeField"/>.</summary>
    public const string Nodes = Prefix + "nodes";

    /// <summary>The audit: a stream, or a list where the server has no streams.</summary>
    public const string Audit = Prefix + "audit";

    /// <summary>The channel on which changes are told.</summary>
    public static RedisChannel Changed { get; } = RedisChannel.Literal(Prefix + "changed");

    /// <summary>That a key service lives: expires when it does not.</summary>
    public static RedisKey Replica(string service) => Prefix + "replica:" + service;

    /// <summary>Of a node whose stream is, or was, with this key service. Neither name can hold a slash.</summary>
    public static string NodeField(string service, string node) => $"{service}/{node}";
}
