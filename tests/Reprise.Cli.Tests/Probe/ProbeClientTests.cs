using System.Net;
using Reprise.Cli.Probe.Clients;

namespace Reprise.Cli.Tests.Probe;

/// <summary>Both clients against a server that we did not write.</summary>
public sealed class ProbeClientTests
{
    private static readonly object FullReport = new { node = "s_server", resumed = false, mode = "full" };

    public static TheoryData<string, TlsVersionName, ResumptionModeName> Ways => new()
    {
        { "openssl", TlsVersionName.Tls12, ResumptionModeName.Stateful },
        { "openssl", TlsVersionName.Tls12, ResumptionModeName.Stateless },
        { "openssl", TlsVersionName.Tls13, ResumptionModeName.Stateless },
        { "bouncycastle", TlsVersionName.Tls12, ResumptionModeName.Stateful },
        { "bouncycastle", TlsVersionName.Tls12, ResumptionModeName.Stateless },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Connect_WithTheSessionOfTheConnectionBefore_SeesItResumed(string client, TlsVersionName version, ResumptionModeName mode)
    {
        await using var server = await OpenSslServer.StartAsync(FullReport);
        var target = Target(server, version, mode);
        var probe = Client(client);

        using var first = await probe.ConnectAsync(target, offer: null, TestContext.Current.CancellationToken);
        Assert.False(first.Resumed);
        Assert.NotNull(first.Session);
        using var second = await probe.ConnectAsync(target, first.Session, TestContext.Current.CancellationToken);
        Assert.True(second.Resumed);
    }

    [Theory]
    [InlineData("openssl")]
    [InlineData("bouncycastle")]
    public async Task Connect_StatefulWithTls12_NeverOffersATicket(string client)
    {
        // Without a session cache the server has nothing but tickets to resume by.
        await using var server = await OpenSslServer.StartAsync(FullReport, "-no_cache");
        var target = Target(server, TlsVersionName.Tls12, ResumptionModeName.Stateful);
        var probe = Client(client);

        using var first = await probe.ConnectAsync(target, offer: null, TestContext.Current.CancellationToken);
        if (first.Session is null)
            return;
        using var second = await probe.ConnectAsync(target, first.Session, TestContext.Current.CancellationToken);
        Assert.False(second.Resumed);
    }

    [Theory]
    [InlineData("openssl", "other.example")]
    [InlineData("bouncycastle", "other.example")]
    public async Task Connect_WithANameThatTheCertificateLacks_IsRefused(string client, string name)
    {
        await using var server = await OpenSslServer.StartAsync(FullReport);
        var target = Target(server, TlsVersionName.Tls12, ResumptionModeName.Stateful) with { ServerName = name };

        var refused = await Assert.ThrowsAsync<ProbeException>(() => Client(client).ConnectAsync(target, offer: null, TestContext.Current.CancellationToken));

        Assert.Contains("not trusted", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.Unreachable);
    }

    [Theory]
    [InlineData("openssl")]
    [InlineData("bouncycastle")]
    public async Task Connect_WithAnotherAuthority_IsRefused(string client)
    {
        await using var server = await OpenSslServer.StartAsync(FullReport);
        await using var other = await OpenSslServer.StartAsync(FullReport);
        var target = Target(server, TlsVersionName.Tls12, ResumptionModeName.Stateful) with { AuthorityFile = other.Authority };

        var refused = await Assert.ThrowsAsync<ProbeException>(() => Client(client).ConnectAsync(target, offer: null, TestContext.Current.CancellationToken));

        Assert.Contains("not trusted", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("openssl")]
    [InlineData("bouncycastle")]
    public async Task Connect_WhereNobodyListens_IsUnreachable(string client)
    {
        await using var server = await OpenSslServer.StartAsync(FullReport);
        var target = Target(server, TlsVersionName.Tls12, ResumptionModeName.Stateful) with { EndPoint = new(IPAddress.Loopback, Testing.FreePort.Next()) };

        var refused = await Assert.ThrowsAsync<ProbeException>(() => Client(client).ConnectAsync(target, offer: null, TestContext.Current.CancellationToken));

        Assert.True(refused.Unreachable);
    }

    // The enums themselves are internal, and theory data of public tests is not.
    public enum TlsVersionName
    {
        Tls12,
        Tls13,
    }

    public enum ResumptionModeName
    {
        Stateful,
        Stateless,
    }

    private static IProbeClient Client(string name) => name == "openssl" ? new OpenSslProbeClient() : new BouncyCastleProbeClient();

    private static ProbeTarget Target(OpenSslServer server, TlsVersionName version, ResumptionModeName mode) => new(
        new IPEndPoint(IPAddress.Loopback, server.Port), "a.reprise.test", Enum.Parse<TlsVersion>(version.ToString()),
        Enum.Parse<ResumptionMode>(mode.ToString()), server.Authority);
}
