using Reprise.SessionCache.Scan;
using Reprise.Testing;
using StackExchange.Redis;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests.Scan;

public sealed class SessionStatisticsTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync(new RedisOptions { Password = "secret" });

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task Read_TwoScopes_CountsEachWithBytesAgesAndTimes()
    {
        await StoreAsync(300, Header(1, scopeTag: 1, purge: 5, sealedAt: Now.AddMinutes(-10)));
        await StoreAsync(20, Header(1, scopeTag: 2, purge: 3, sealedAt: Now.AddMinutes(-30)));
        await StoreAsync(10, Header(1, scopeTag: 2, purge: 4, sealedAt: Now.AddMinutes(1))); // of a node whose clock is ahead
        await StoreAsync(2, [1, 2, 3]);
        await StoreAsync(5, [0]); // of handles that were used

        var statistics = await ReadAsync(limit: 1000);

        Assert.Equal((332, 2, false), (statistics.Count, statistics.Unreadable, statistics.Cut));
        Assert.Equal([(1u, 300L), (2u, 30L)], statistics.Scopes.Select(scope => (scope.Tag, scope.Count)));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)), (statistics.Scopes[0].MeanAge, statistics.Scopes[0].Oldest));
        Assert.Equal((TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(30)), (statistics.Scopes[1].MeanAge, statistics.Scopes[1].Oldest));
        Assert.Equal([0, 20, 30], new long[] { 3, 4, 5 }.Select(statistics.Scopes[1].PurgedBelow));
        Assert.All(statistics.Scopes, scope =>
        {
            Assert.InRange(scope.MeanTimeLeft!.Value, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
            if (_redis.Kind is not RedisKind.Garnet)
                Assert.InRange(scope.Bytes!.Value / scope.Count, SealedBytes, 399);
        });
    }

    [Fact]
    public async Task Read_MoreThanTheLimit_SaysSo()
    {
        await StoreAsync(300, Header(1));

        var cut = await ReadAsync(limit: 250);
        var whole = await ReadAsync(limit: 300);

        Assert.Equal((250, true), (cut.Count, cut.Cut));
        Assert.Equal((300, false), (whole.Count, whole.Cut));
    }

    [Fact]
    public async Task Read_EmptyStore_IsNothing()
    {
        var none = await ReadAsync(10);

        Assert.Equal((0, false), (none.Count, none.Cut));
    }

    [Fact]
    public async Task Read_WrongPasswordOrNobody_IsOneLineWithoutThePassword()
    {
        var wrong = await Assert.ThrowsAsync<IOException>(() => SessionStatistics.ReadAsync(
            new RedisSessionCacheOptions { Redis = $"{_redis.Address},password=wr0ng" }, 10, Now, CancellationToken.None));
        var nobody = await Assert.ThrowsAsync<IOException>(() => SessionStatistics.ReadAsync(
            new RedisSessionCacheOptions { Redis = $"127.0.0.1:{FreePort.Next()},connectTimeout=500" }, 10, Now, CancellationToken.None));

        Assert.DoesNotContain("wr0ng", wrong.Message, StringComparison.Ordinal);
        Assert.All([wrong, nobody], fault => Assert.DoesNotContain('\n', fault.Message));
    }

    private const int SealedBytes = 153;

    private async Task StoreAsync(int count, byte[] value)
    {
        await using var judge = await ConnectionMultiplexer.ConnectAsync(_redis.ConnectionString);
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ => judge.GetDatabase().StringSetAsync(Key().Text, value, Hour)));
    }

    private async Task<SessionStatistics> ReadAsync(long limit)
    {
        using var files = new TemporaryDirectory();
        await File.WriteAllTextAsync(files.File("password"), "secret\n");
        return await SessionStatistics.ReadAsync(
            new RedisSessionCacheOptions { Redis = _redis.Address, PasswordFile = files.File("password") }, limit, Now, CancellationToken.None);
    }
}
