namespace Reprise.KeyService.Nodes;

/// <summary>Totals of the last minute, so that what was added to them since can be told. Not thread-safe.</summary>
/// <typeparam name="T">A node's totals of one kind; never changed.</typeparam>
internal sealed class LastMinute<T>
{
    private static readonly TimeSpan s_span = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    // However often a node sends, and wherever the clock goes.
    private const int MostKept = 64;

    private readonly Queue<(DateTimeOffset At, T Totals)> _heard = [];
    private DateTimeOffset _last;

    /// <summary>
    /// Takes totals that came at this time; gives those to count from: a minute old or a little more, or the oldest there are. They may be
    /// these themselves.
    /// </summary>
    public (DateTimeOffset At, T Totals) Add(DateTimeOffset now, T totals)
    {
        if (_heard.Count == 0 || (now - _last).Duration() >= s_between)
        {
            _heard.Enqueue((now, totals));
            _last = now;
        }

        // The newest of those that are too old is what to count from.
        while (_heard.Count > MostKept || (_heard.Count > 2 && now - _heard.ElementAt(1).At >= s_span))
            _heard.Dequeue();
        return _heard.Peek();
    }
}
