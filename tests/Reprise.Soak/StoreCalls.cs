using Reprise.Edge.Tests.Harness;

namespace Reprise.Soak;

/// <summary>What lookups and stores cost the nodes, by their own metrics.</summary>
/// <param name="Count">Calls that have ended.</param>
/// <param name="Seconds">Of all of them.</param>
/// <param name="Short">Those that took no more than 100 us, the histogram's first bound.</param>
internal readonly record struct StoreCalls(double Count, double Seconds, double Short)
{
    public double MeanMicroseconds => Seconds / Count * 1e6;

    /// <summary>The share of those within 100 us.</summary>
    public double AtOnce => Short / Count;

    public static StoreCalls operator +(StoreCalls a, StoreCalls b) => new(a.Count + b.Count, a.Seconds + b.Seconds, a.Short + b.Short);

    public static StoreCalls operator -(StoreCalls a, StoreCalls b) => new(a.Count - b.Count, a.Seconds - b.Seconds, a.Short - b.Short);

    public static async Task<StoreCalls> ReadAsync(IEnumerable<EdgeNode> edges)
    {
        var sum = default(StoreCalls);
        foreach (var edge in edges)
        {
            var now = await edge.MetricsAsync();
            foreach (var name in (string[])["reprise_store_lookup_duration_seconds", "reprise_store_write_duration_seconds"])
                sum += new StoreCalls(now.Sum($"{name}_count"), now.Sum($"{name}_sum"), now.Sum($"{name}_bucket", ("le", "0.0001")));
        }

        return sum;
    }
}
