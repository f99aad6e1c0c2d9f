using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class ListenerTests
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task Management_AskedOfTheDashboard_IsNotThere(string path)
    {
        await using var dashboard = await DashboardHarness.StartAsync();

        using var answer = await dashboard.Browser("admin").GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/api/state")]
    [InlineData("/assets/app.js")]
    public async Task Dashboard_AskedOfTheOtherListeners_IsNotThere(string path)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        using var http = new HttpClient();
        using var grpc = Grpc(dashboard.Service);

        using var ofManagement = await http.GetAsync(new Uri(dashboard.Service.Management, path));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{dashboard.Service.Address}{path}")) { Version = HttpVersion.Version20 };
        using var invoker = new HttpMessageInvoker(grpc, disposeHandler: false);
        using var ofGrpc = await invoker.SendAsync(request, CancellationToken.None);

        Assert.Equal(HttpStatusCode.NotFound, ofManagement.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, ofGrpc.StatusCode);
    }

    [Fact]
    public async Task Grpc_AskedOfTheDashboard_IsNotThere()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        using var handler = Grpc(dashboard.Service);
        using var channel = GrpcChannel.ForAddress(dashboard.Service.Dashboard!, new GrpcChannelOptions { HttpHandler = handler });
        var epochs = await dashboard.Service.Channel().Admin.ListAsync(new());

        var fault = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using var call = new KeyAdmin.KeyAdminClient(channel).Rotate(new RotateRequest());
            await call.ResponseStream.MoveNext();
        });

        Assert.Equal(StatusCode.Unimplemented, fault.StatusCode);
        Assert.Equal(epochs.Generation, (await dashboard.Service.Channel().Admin.ListAsync(new())).Generation);
    }

    [Fact]
    public async Task Dashboard_NotAskedFor_ListensNowhere()
    {
        await using var service = await KeyServiceHarness.StartAsync();

        Assert.Null(service.Dashboard);
    }

    private static SocketsHttpHandler Grpc(KeyServiceHarness service) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
            ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(service.File("admin.crt"), service.File("admin.key")), null, offline: true),
        },
    };
}
