namespace Reprise.KeyService.Audit;

/// <summary>Lets so many refusals into the audit per minute, and counts the rest: a stranger must not be able to wash the entries of others out of it.</summary>
internal sealed class RefusalThrottle(TimeProvider time)
{
    private const int MostPerMinute = 20;

    private readonly Lock _gate = new();
    private long _minute = time.GetTimestamp();
    private int _allowed;
    private long _passedOver;

    /// <param name="passedOver">How many were not let in since the last one that was.</param>
    public bool Allows(out long passedOver)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_minute) >= TimeSpan.FromMinutes(1))
                (_minute, _allowed) = (time.GetTimestamp(), 0);
            passedOver = _passedOver;
            if (_allowed >= MostPerMinute)
            {
                _passedOver++;
                return false;
            }

            _allowed++;
            _passedOver = 0;
            return true;
        }
    }
}
