namespace Reprise.Core.Sessions;

/// <summary>
/// Where stateful sessions are shared. What is kept there is sealed: its keeper may read, change, move or lose any of it, and the
/// worst that happens is a full handshake. Keys come from what clients present. All members are safe from any thread, complete on
/// any thread, and answer faults as values: an exception is a defect. Nobody waits longer than the caller's budget, so a late
/// answer may be dropped.
/// </summary>
public interface ISessionCache
{
    /// <summary>Stores a value for a time; true once every node can read it.</summary>
    /// <param name="key">Where.</param>
    /// <param name="value">Sealed.</param>
    /// <param name="timeToLive">Not stored if zero or less.</param>
    /// <param name="singleUse">It will be taken, not read: no copy may be kept anywhere else.</param>
    ValueTask<bool> SetAsync(SessionKey key, byte[] value, TimeSpan timeToLive, bool singleUse);

    /// <summary>Reads a value that may be read again: TLS 1.2 session IDs.</summary>
    ValueTask<CacheAnswer> GetAsync(SessionKey key);

    /// <summary>
    /// Reads and removes a value in one step, so that of many takers one gets it: TLS 1.3 handles. Who comes after may be told that it was
    /// there, <see cref="CacheAnswer.Spent"/>; nobody must count on it.
    /// </summary>
    ValueTask<CacheAnswer> TakeAsync(SessionKey key);
}
