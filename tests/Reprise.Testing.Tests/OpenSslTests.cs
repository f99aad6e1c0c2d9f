namespace Reprise.Testing.Tests;

public sealed class OpenSslTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("1.2", SiteKey.EcdsaP256)]
    [InlineData("1.2", SiteKey.Rsa2048)]
    [InlineData("1.3", SiteKey.EcdsaP256)]
    [InlineData("1.3", SiteKey.Rsa2048)]
    public async Task Run_TwiceWithASession_SaysFullAndThenResumed(string version, SiteKey key)
    {
        using var site = _authority.Site(key);
        using var server = new SslServer(site);
        var client = new OpenSsl(server.Address)
        {
            Version = version,
            ServerName = "stateful.reprise.test",
            CaFile = _authority.WriteAuthority(_directory.Path),
        };
        var session = _directory.File("session.pem");

        var first = await (client with { SessionOut = session }).RunAsync(TestContext.Current.CancellationToken);
        var second = await (client with { SessionIn = session }).RunAsync(TestContext.Current.CancellationToken);

        Assert.True(first.Kind == HandshakeKind.Full, first.ToString());
        Assert.Equal("TLSv" + version, first.Protocol);
        Assert.Equal(0, first.VerifyCode);
        Assert.NotNull(first.PeerCertificate);
        Assert.True(first.HasTicket);
        Assert.NotNull(first.TicketLifetimeHint);
        Assert.True(second.Kind == HandshakeKind.Resumed, second.ToString());
        Assert.Equal(first.Cipher, second.Cipher);
    }

    [Fact]
    public async Task Run_WithARequest_GivesTheResponse()
    {
        using var site = _authority.Site();
        using var server = new SslServer(site);
        var result = await new OpenSsl(server.Address) { Alpn = "http/1.1", Request = OpenSsl.Get("/", "localhost") }
            .RunAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200 OK", result.Response, StringComparison.Ordinal);
        Assert.Equal("http/1.1", result.Alpn);
    }

    [Fact]
    public async Task Run_AgainstAForeignAuthority_CompletesNoHandshake()
    {
        using var other = new TestAuthority("Another CA");
        using var site = other.Site();
        using var server = new SslServer(site);
        var result = await new OpenSsl(server.Address) { CaFile = _authority.WriteAuthority(_directory.Path) }
            .RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HandshakeKind.None, result.Kind);
        Assert.NotEqual(0, result.ExitCode);
    }

    [Fact]
    public async Task Run_AgainstAClosedPort_SaysSo()
    {
        var result = await new OpenSsl($"127.0.0.1:{FreePort.Next()}").RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HandshakeKind.None, result.Kind);
        Assert.NotEqual(0, result.ExitCode);
    }

    [Fact]
    public async Task Run_AgainstASilentServer_EndsInTime()
    {
        using var echo = new EchoServer();
        await using var relay = TcpRelay.Start(echo.Port);
        relay.Stalled = true;

        await Assert.ThrowsAsync<TimeoutException>(() =>
            new OpenSsl(relay.Address) { Timeout = TimeSpan.FromSeconds(1) }.RunAsync(TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }
}
