namespace Reprise.SessionCache;

/// <summary>A Redis that must not hold sessions. The message is one line for the operator.</summary>
public sealed class UnfitRedisException(string message) : Exception(message);
