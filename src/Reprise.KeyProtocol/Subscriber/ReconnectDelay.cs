namespace Reprise.KeyProtocol;

/// <summary>
/// At first each other key service is tried at once; when all have failed, exponential back-off with jitter, so that a returning one is not
/// met by all nodes at the same time.
/// </summary>
internal static class ReconnectDelay
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(5);

    /// <param name="failures">How often addresses have failed in a row, before the failure that this delay follows.</param>
    /// <param name="addresses">How many there are.</param>
    /// <param name="random">0 to 1: spreads the delay.</param>
    public static TimeSpan After(int failures, int addresses, double random)
    {
        // Spread a little all the same: all nodes of a dead key service move over to the same one.
        if (failures < addresses - 1)
            return s_first * random;
        var round = (failures - (addresses - 1)) / addresses;
        var full = Math.Min(s_first.TotalMilliseconds * Math.Pow(2, Math.Min(round, 16)), s_most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + random / 2));
    }
}
