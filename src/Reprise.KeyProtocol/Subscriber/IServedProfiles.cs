namespace Reprise.KeyProtocol;

/// <summary>
/// Which profiles this node serves; the host may offer one. Each new stream begins by telling, and <see cref="KeyRingSubscriber.TellProfiles"/>
/// tells of a change.
/// </summary>
public interface IServedProfiles
{
    /// <summary>As they are now. Called on a thread-pool thread at each connection; must not block or throw.</summary>
    IReadOnlyList<ServedProfile> Read();
}

/// <summary>A profile as operators see it from afar.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="ScopeTag">What the headers of its stored sessions tell it by.</param>
/// <param name="Stateful">Whether sessions are kept in the store.</param>
/// <param name="Stateless">Whether sessions travel in tickets.</param>
public readonly record struct ServedProfile(string Name, uint ScopeTag, bool Stateful, bool Stateless);
