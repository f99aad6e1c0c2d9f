using System.Threading.RateLimiting;

namespace Reprise.KeyService.Explain;

/// <summary>Each question costs every node a few milliseconds and its store a lookup: an operator's loop must not be felt by clients.</summary>
internal sealed class QuestionRate : IDisposable
{
    private readonly TokenBucketRateLimiter _bucket = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 20,
        TokensPerPeriod = 10,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });

    public bool Allows()
    {
        using var lease = _bucket.AttemptAcquire();
        return lease.IsAcquired;
    }

    public void Dispose() => _bucket.Dispose();
}
