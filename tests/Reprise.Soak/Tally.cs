using System.Diagnostics;

namespace Reprise.Soak;

/// <summary>Handshakes of one phase or minute, counted by the clients. Thread-safe.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly List<double> _full = [];
    private readonly List<double> _declined = [];
    private int _resumed;
    private int _failures;

    public int Handshakes => _full.Count + _declined.Count + _resumed;

    public int Failures => _failures;

    /// <summary>Of the handshakes with a session on offer; 1 if there was none.</summary>
    public double ResumptionRate => _declined.Count + _resumed is > 0 and var offered ? (double)_resumed / offered : 1;

    /// <summary>Milliseconds from connect to the client's Finished or ticket, nothing offered.</summary>
    public IReadOnlyList<double> Full => Copy(_full);

    /// <summary>The same where a session was on offer in vain: a lookup and a store.</summary>
    public IReadOnlyList<double> Declined => Copy(_declined);

    public static double Percentile(IReadOnlyList<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    public void Add(long started, bool offered, bool resumed)
    {
        var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        lock (_lock)
        {
            if (resumed)
                _resumed++;
            else
                (offered ? _declined : _full).Add(elapsed);
        }
    }

    public void AddFailure()
    {
        lock (_lock)
            _failures++;
    }

    private List<double> Copy(List<double> values)
    {
        lock (_lock)
            return [.. values];
    }
}
