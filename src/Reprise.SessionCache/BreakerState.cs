namespace Reprise.SessionCache;

/// <summary>Whether the session store is asked at all.</summary>
public enum BreakerState
{
    /// <summary>It is.</summary>
    Closed,

    /// <summary>It is not: it has failed too often in a row, and no time passes over it until the break is over.</summary>
    Open,

    /// <summary>One call is under way to find out; no other is made.</summary>
    HalfOpen,
}
