namespace Reprise.KeyProtocol;

/// <summary>Exponential back-off with jitter, so that a returning key service is not met by all nodes at once.</summary>
internal static class ReconnectDelay
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(5);

    /// <param name="round">How often all addresses have failed in a row.</param>
    /// <param name="random">0 to 1: spreads the delay over its upper half.</param>
    public static TimeSpan After(int round, double random)
    {
        var full = Math.Min(s_first.TotalMilliseconds * Math.Pow(2, Math.Min(round, 16)), s_most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + random / 2));
    }
}
