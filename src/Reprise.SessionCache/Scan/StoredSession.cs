using Reprise.Core.Sessions;
using StackExchange.Redis;

namespace Reprise.SessionCache.Scan;

/// <summary>A key of the store and what its value says of itself; null where that is not of our format, or gone by now.</summary>
internal readonly record struct StoredSession(RedisKey Key, SealedSessionHeader? Header);
