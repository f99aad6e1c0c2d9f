namespace Reprise.Edge.Certificates;

internal enum Expiry
{
    NotNear,

    /// <summary>Whoever renews it should have done so by now.</summary>
    Soon,

    Over,
}

internal static class ExpiryOf
{
    private static readonly TimeSpan LongestNotice = TimeSpan.FromDays(14);

    /// <summary>Soon is the last quarter of a life, and at most two weeks: what lives for a week is not always about to end.</summary>
    public static Expiry Life(DateTimeOffset since, DateTimeOffset until, DateTimeOffset now)
    {
        var notice = (until - since) / 4;
        return until <= now ? Expiry.Over : until - now < (notice < LongestNotice ? notice : LongestNotice) ? Expiry.Soon : Expiry.NotNear;
    }
}
