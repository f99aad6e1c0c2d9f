namespace Reprise.KeyProtocol.Tests.Subscriber;

public sealed class ReconnectDelayTests
{
    [Fact]
    public void After_RoundByRound_DoublesUpToItsLimit()
    {
        var delays = Enumerable.Range(0, 100).Select(round => ReconnectDelay.After(round, random: 1).TotalMilliseconds).ToList();

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], delays[..8]);
        Assert.All(delays, delay => Assert.InRange(delay, 100, 5000));
    }

    [Fact]
    public void After_Jitter_SpreadsOverTheUpperHalf() =>
        Assert.Equal(ReconnectDelay.After(3, random: 1) / 2, ReconnectDelay.After(3, random: 0));
}
