using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>An exception of the policy costs a client its resumption or its connection, never the loop.</summary>
public sealed class PolicyFaultTests : TlsTest
{
    [Theory]
    [InlineData("1.2", false)]
    [InlineData("1.2", true)]
    [InlineData("1.3", false)]
    [InlineData("1.3", true)]
    public async Task Completed_Throws_ThatConnectionEndsAndNobodySeesItsBytes(string version, bool parked)
    {
        await using var server = await StartOneLoopAsync(o => o with { Tls13 = Tls13ResumptionMode.Stateful });
        var session = parked ? await SessionAsync(server, version, noTicket: true) : null;
        server.Policy.Completing = _ => throw new InvalidOperationException("a policy's fault");

        var broken = await (Client(server, version) with { SessionIn = session, NoTicket = true }).RunAsync();
        server.Policy.Completing = null;
        var whole = await Client(server, version).RunAsync();

        Assert.Null(broken.Response);
        Assert.Equal(HandshakeKind.Full, whole.Kind); // bytes of the other connection before its own would be no TLS
        Assert.Contains("200 OK", whole.Response);
    }

    [Fact]
    public async Task Failed_Throws_TheLoopGoesOn()
    {
        await using var server = await StartOneLoopAsync();
        server.Policy.Failing = () => throw new InvalidOperationException("a policy's fault");

        await RawClient.ExchangeAsync(server, "GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        await RawClient.ExchangeAsync(server, Array.Empty<byte>(), thenHalfClose: true);

        Assert.Equal(2, server.Policy.Failures.Count);
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Select_Throws_EndsWithInternalError(string version)
    {
        await using var server = await StartOneLoopAsync();
        server.Policy.Selecting = () => throw new InvalidOperationException("a policy's fault");

        var answer = await RawClient.ExchangeAsync(server, await ClientHelloBytes.OfAsync(version));
        server.Policy.Selecting = null;

        Assert.Equal([21, 3, 3, 0, 2, 2, 80], answer);
        Assert.Equal((HandshakeFailure.Internal, "a policy's fault"), Assert.Single(server.Policy.Failures));
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
    }

    [Fact]
    public async Task Describe_Throws_TheLoopGoesOn()
    {
        await using var server = await StartOneLoopAsync();
        server.Policy.Describing = _ => throw new InvalidOperationException("a policy's fault");

        await Client(server, "1.2").RunAsync();
        await Client(server, "1.3").RunAsync();
        server.Policy.Describing = null;

        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
    }
}
