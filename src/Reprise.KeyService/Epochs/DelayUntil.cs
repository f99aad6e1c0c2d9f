namespace Reprise.KeyService.Epochs;

internal static class DelayUntil
{
    // A wall clock that is set forward is noticed within this time; a timer alone would sleep through it.
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Returns at the date, at a change or when cancelled, whichever is first; or before: the caller looks again. Does not
    /// throw: a background loop that ends by an exception in a start that failed would be logged as a crash.
    /// </summary>
    public static async Task DelayUntilAsync(this TimeProvider time, DateTimeOffset date, Task changed, CancellationToken cancel)
    {
        var delay = date - time.GetUtcNow();
        if (delay <= TimeSpan.Zero)
            return;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(changed, Task.Delay(delay < s_most ? delay : s_most, time, waiting.Token));
        await waiting.CancelAsync();
    }
}
