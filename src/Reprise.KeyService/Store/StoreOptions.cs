using Reprise.Redis;

namespace Reprise.KeyService.Store;

/// <summary>
/// Where several key services share their ledger. Without <see cref="RedisConnectionOptions.Redis"/> this one is alone, keeps nothing, and
/// begins anew at each start. That Redis may write to disk and may be backed up, as all that is secret is sealed under the key-encryption
/// key before it leaves the process.
/// </summary>
internal sealed class StoreOptions : RedisConnectionOptions
{
    public const string SectionName = "Store";

    /// <summary>
    /// How long a key service that leads goes on doing so after its last word to the store, and how long another waits before it takes
    /// over. Short: a dead leader is replaced soon; long: a slow store does not change leaders. 1 s to 1 min; default 5 s.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Uses a Redis without AUTH that is not on loopback, where anybody could keep key services from leading. Default false: such a Redis is not used.</summary>
    public bool AllowAnonymous { get; set; }
}
