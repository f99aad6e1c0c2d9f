using Microsoft.Extensions.Time.Testing;
using Reprise.KeyService.Audit;

namespace Reprise.KeyService.Tests.Audit;

public sealed class RefusalThrottleTests
{
    [Fact]
    public void Allows_AfterAnyNumberOfStrangers_StillTellsOfThoseThatAreKnown()
    {
        var throttle = new RefusalThrottle(new FakeTimeProvider());

        var told = Enumerable.Range(0, 1000).Count(i => throttle.Allows(RefusalThrottle.Stranger, $"192.0.2.{i}", out _));

        Assert.InRange(told, 1, 100);
        Assert.True(throttle.Allows("edge/edge-1", "", out var passedOver));
        Assert.Equal(1000 - told, passedOver);
        Assert.False(throttle.Allows("edge/edge-1", "", out _));
    }
}
