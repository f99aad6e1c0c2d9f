using Reprise.Testing;

namespace Reprise.Tls.Tests;

/// <summary>A handshake that waits for the store: parked before the ServerHello, or held before its last flight.</summary>
public sealed class LookupTests : TlsTest
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Lookup_PastItsBudget_IsAFullHandshake(string version)
    {
        var session = await StoredSessionAsync(version);
        var never = new TaskCompletionSource();
        Shared.LookupDelay = () => never.Task;
        await using var server = await StartAsync(o => Stateful(o) with { LookupBudget = Short });

        var (_, node) = await OfferAsync(server, version, session, noTicket: true);

        Assert.Equal((ResumptionMode.Full, DeclineReason.StoreTimeout), (node.Mode, node.Declined));
        never.SetResult(); // the answer that nobody waits for any more
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("1.2", true)]
    [InlineData("1.2", false)]
    [InlineData("1.3", true)]
    [InlineData("1.3", false)]
    public async Task Store_AtFault_IsAFullHandshake(string version, bool asynchronous)
    {
        var session = await StoredSessionAsync(version);
        Shared.Faulty = true;
        Shared.Asynchronous = asynchronous;
        await using var server = await StartAsync(Stateful);

        var (client, node) = await OfferAsync(server, version, session, noTicket: true);

        Assert.Equal((ResumptionMode.Full, DeclineReason.StoreError), (node.Mode, node.Declined));
        Assert.Contains("200 OK", client.Response);
        Assert.Equal(1, server.Policy.NotStoredCount); // two handles of a TLS 1.3 handshake are one flight
        Assert.Empty(server.Policy.Failures);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Client_ThatClosesWhileParked_IsForgotten(string version)
    {
        var session = await StoredSessionAsync(version);
        var hello = await ClientHelloBytes.OfAsync(version, noTicket: version == "1.2", session);
        var asked = new TaskCompletionSource();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Shared.LookupDelay = () =>
        {
            asked.TrySetResult();
            return gate.Task;
        };
        await using var server = await StartOneLoopAsync(Stateful);
        using (var socket = await RawClient.ConnectAsync(server))
        {
            await socket.SendAsync(hello);
            await asked.Task;
            socket.LingerState = new(true, 0); // a reset
        }

        await Eventually.TrueAsync(() => !server.Policy.Failures.IsEmpty);
        Shared.LookupDelay = null;
        gate.SetResult();

        await AssertServesAsync(server);
        Assert.Equal(HandshakeFailure.Closed, Assert.Single(server.Policy.Failures).Failure);
        Assert.Single(server.Policy.Handshakes);
    }

    /// <summary>The rest of a client's hello and more may come while its lookup runs: no edge tells of it again.</summary>
    [Fact]
    public async Task Client_ThatSendsWhileParked_LosesNothing()
    {
        var session = await StoredSessionAsync("1.2");
        var hello = await ClientHelloBytes.OfAsync("1.2", noTicket: true, session);
        var asked = new TaskCompletionSource();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Shared.LookupDelay = () =>
        {
            asked.TrySetResult();
            return gate.Task;
        };
        await using var server = await StartOneLoopAsync(Stateful);
        using var socket = await RawClient.ConnectAsync(server);
        await socket.SendAsync(hello);
        await asked.Task;
        await socket.SendAsync("this is no TLS at all"u8.ToArray());
        socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        gate.SetResult();

        var answer = await RawClient.ReadToEndAsync(socket);

        Assert.Equal(22, answer[0]); // ServerHello of a resumption, then the alert for the rest
        Assert.Equal(HandshakeFailure.Client, Assert.Single(server.Policy.Failures).Failure);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task NewSession_NotYetStored_KeepsTheLastFlightBack(string version)
    {
        var storing = new TaskCompletionSource();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Shared.StoreDelay = () =>
        {
            storing.TrySetResult();
            return gate.Task;
        };
        await using var server = await StartOneLoopAsync(Stateful);
        await using var relay = TcpRelay.Start(server.Port);
        var session = Files.File("session.pem");
        var client = (new OpenSsl(relay.Address) { Version = version, NoTicket = true, SessionOut = session, Request = OpenSsl.Get("/", "localhost") }).RunAsync();
        await storing.Task;
        await RoundTripAsync(server); // whatever the loop was about to send for the other one is sent
        await Eventually.TrueAsync(() => relay.BytesToClient > 0);
        var before = relay.BytesToClient;
        await RoundTripAsync(server);

        Assert.Equal(before, relay.BytesToClient);
        Assert.False(client.IsCompleted);
        Assert.Empty(Shared.Sessions);
        gate.SetResult();
        var result = await client;

        Assert.Equal(HandshakeKind.Full, result.Kind);
        Assert.Contains("200 OK", result.Response);
        Assert.True(relay.BytesToClient > before);
        Assert.Equal(0, server.Policy.NotStoredCount);
        Shared.StoreDelay = null;
        Assert.Equal(ResumptionMode.Stateful, (await OfferAsync(server, version, session, noTicket: true)).Node.Mode);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task NewSession_NotStoredWithinTheBudget_CompletesAndCounts(string version)
    {
        var never = new TaskCompletionSource();
        Shared.StoreDelay = () => never.Task;
        await using var server = await StartOneLoopAsync(o => Stateful(o) with { StoreBudget = Short });

        var result = await (Client(server, version) with { NoTicket = true }).RunAsync();

        Assert.Equal(HandshakeKind.Full, result.Kind);
        Assert.Contains("200 OK", result.Response);
        Assert.Equal(1, server.Policy.NotStoredCount);
        never.SetResult();
        await AssertServesAsync(server);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Client_ThatClosesWhileItsFlightIsHeld_IsForgotten(string version)
    {
        var storing = new TaskCompletionSource();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Shared.StoreDelay = () =>
        {
            storing.TrySetResult();
            return gate.Task;
        };
        await using var server = await StartOneLoopAsync(Stateful);
        await using var relay = TcpRelay.Start(server.Port);
        var client = new OpenSsl(relay.Address) { Version = version, NoTicket = true, Request = "x" }.RunAsync();
        await storing.Task;
        relay.CutAll();
        await client;
        gate.SetResult();
        Shared.StoreDelay = null;

        await AssertServesAsync(server);
    }

    private static TlsProfileOptions Stateful(TlsProfileOptions options) => options with { Tls13 = Tls13ResumptionMode.Stateful };

    private async Task<string> StoredSessionAsync(string version)
    {
        await using var server = await StartAsync(Stateful);
        return await SessionAsync(server, version, noTicket: true);
    }

    /// <summary>A handshake that stores nothing, and its request.</summary>
    private static async Task RoundTripAsync(TlsServer server) =>
        Assert.Contains("200 OK", (await Client(server, "1.2").RunAsync()).Response);

    private static async Task AssertServesAsync(TlsServer server) =>
        Assert.Contains("200 OK", (await Client(server).RunAsync()).Response);
}
