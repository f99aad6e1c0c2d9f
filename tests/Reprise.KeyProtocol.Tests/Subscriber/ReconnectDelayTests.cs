namespace Reprise.KeyProtocol.Tests.Subscriber;

public sealed class ReconnectDelayTests
{
    [Fact]
    public void After_OneAddress_DoublesUpToItsLimit()
    {
        var delays = Enumerable.Range(0, 100).Select(failures => ReconnectDelay.After(failures, addresses: 1, random: 1).TotalMilliseconds).ToList();

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 5000, 5000], delays[..8]);
        Assert.All(delays, delay => Assert.InRange(delay, 100, 5000));
    }

    [Fact]
    public void After_SeveralAddresses_TriesTheOthersAtOnceAndThenByTheRound()
    {
        Assert.All([0, 1], failures => Assert.Equal(TimeSpan.Zero, ReconnectDelay.After(failures, addresses: 3, random: 0)));
        Assert.All([0, 1], failures => Assert.InRange(ReconnectDelay.After(failures, addresses: 3, random: 1).TotalMilliseconds, 0, 100));

        Assert.Equal(
            [100, 100, 100, 200, 200, 200, 400],
            Enumerable.Range(2, 7).Select(failures => ReconnectDelay.After(failures, addresses: 3, random: 1).TotalMilliseconds));
    }

    [Fact]
    public void After_Jitter_SpreadsOverTheUpperHalf() =>
        Assert.Equal(ReconnectDelay.After(3, addresses: 1, random: 1) / 2, ReconnectDelay.After(3, addresses: 1, random: 0));
}
