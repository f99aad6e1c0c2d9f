using Reprise.Core.Sessions;
using Reprise.Testing;
using static Reprise.SessionCache.Tests.CacheFixtures;

namespace Reprise.SessionCache.Tests;

/// <summary>TLS with a private authority and client certificates, by files.</summary>
public sealed class RedisTlsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Start_PrivateAuthority_IsUsed()
    {
        await using var server = await StartServerAsync();
        await using var cache = await StartAsync(server.ConnectionString, change: options => options.CertificateAuthorityFile = _authority.WriteAuthority(_files.Path));

        await AssertServesAsync(cache);
    }

    // Those are in the clear.
    [Fact]
    public async Task Start_WithConnectionsOfTheHost_DoesNotUseThem()
    {
        using var connections = new SocketConnections();
        await using var server = await StartServerAsync();
        await using var cache = await StartAsync(
            server.ConnectionString, change: options => options.CertificateAuthorityFile = _authority.WriteAuthority(_files.Path), connections: connections);

        await AssertServesAsync(cache);
        Assert.Equal(0, connections.Made);
    }

    [Fact]
    public async Task Start_CertificateOfAnotherAuthority_IsNotUsed()
    {
        using var other = new TestAuthority("Somebody else's CA");
        await using var server = await StartServerAsync();
        await using var cache = await StartAsync(server.ConnectionString, change: options => options.CertificateAuthorityFile = other.WriteAuthority(_files.File("other")));

        await AssertNotUsedAsync(cache);
    }

    [Fact]
    public async Task Start_PrivateAuthorityThatNobodyNamed_IsNotUsed()
    {
        await using var server = await StartServerAsync();
        await using var cache = await StartAsync(server.ConnectionString);

        await AssertNotUsedAsync(cache);
    }

    [Fact]
    public async Task Start_CertificateForAnotherHost_IsNotUsed()
    {
        await using var server = await StartServerAsync();
        await using var cache = await StartAsync(
            $"{server.ConnectionString},sslHost=other.reprise.example", change: options => options.CertificateAuthorityFile = _authority.WriteAuthority(_files.Path));

        await AssertNotUsedAsync(cache);
    }

    [Fact]
    public async Task Start_CertificateForTheNameOfSslHost_IsUsed()
    {
        await using var server = await StartServerAsync();
        await using var cache = await StartAsync(
            $"{server.ConnectionString},sslHost=redis.reprise.test", change: options => options.CertificateAuthorityFile = _authority.WriteAuthority(_files.Path));

        await AssertServesAsync(cache);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_ClientCertificateWanted_IsUsedWithOneAlone(bool shown)
    {
        using var edge = _authority.Edge();
        var own = TestAuthority.Write(edge, _files.Path, "edge");
        await using var server = await StartServerAsync(own);
        await using var cache = await StartAsync(server.ConnectionString, change: options =>
        {
            options.CertificateAuthorityFile = _authority.WriteAuthority(_files.Path);
            if (shown)
                (options.ClientCertificateFile, options.ClientKeyFile) = own;
        });

        if (shown)
            await AssertServesAsync(cache);
        else
            await AssertNotUsedAsync(cache);
    }

    // The right authority is put in place while the node runs.
    [Fact]
    public async Task Reconnect_AuthorityFileReplaced_IsReadAgain()
    {
        using var other = new TestAuthority("Somebody else's CA");
        await using var server = await StartServerAsync();
        var file = other.WriteAuthority(_files.File("trusted"));
        await using var cache = await StartAsync(server.ConnectionString, change: options => options.CertificateAuthorityFile = file);
        await AssertNotUsedAsync(cache);

        _authority.WriteAuthority(_files.File("trusted"));

        await AssertServesAsync(cache);
    }

    private async Task<RedisServer> StartServerAsync(PemFiles? client = null)
    {
        using var site = _authority.Site();
        return await RealRedis.StartAsync(new RedisOptions
        {
            Tls = new(TestAuthority.Write(site, _files.Path, "redis"), _authority.WriteAuthority(_files.Path), client),
        });
    }

    private static async Task AssertNotUsedAsync(RedisSessionCache cache)
    {
        Assert.False(cache.Connected);
        Assert.Equal(CacheAnswer.Fault, await cache.GetAsync(Key()));
        Assert.False(await cache.SetAsync(Key(), Value, Hour, singleUse: false));
    }
}
