namespace Reprise.KeyService.Audit;

/// <summary>
/// Lets a refusal of each kind, and not many of all, into the audit per span of time, and counts the rest: a stranger, or a removed node that
/// goes on trying, must not wash the entries of others out of it. Strangers have a share of their own: they need no more than addresses to use it up.
/// </summary>
internal sealed class RefusalThrottle(TimeProvider time)
{
    /// <summary>The actor of whom nothing is known.</summary>
    public const string Stranger = "unknown";

    private const int MostPerSpan = 20;

    private static readonly TimeSpan s_span = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly HashSet<(string Actor, string Target)> _known = [];
    private readonly HashSet<(string Actor, string Target)> _strangers = [];
    private long _since = time.GetTimestamp();
    private long _passedOver;

    /// <param name="actor">Who was refused.</param>
    /// <param name="target">What.</param>
    /// <param name="passedOver">How many were not let in since the last one that was.</param>
    public bool Allows(string actor, string target, out long passedOver)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= s_span)
            {
                _since = time.GetTimestamp();
                _known.Clear();
                _strangers.Clear();
            }

            passedOver = _passedOver;
            var allowed = actor is Stranger ? _strangers : _known;
            if (allowed.Count >= MostPerSpan || !allowed.Add((actor, target)))
            {
                _passedOver++;
                return false;
            }

            _passedOver = 0;
            return true;
        }
    }
}
