using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1Alpha;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

public sealed class RoleTests
{
    [Theory]
    [InlineData("edge-1")]
    [InlineData("keys-1")]
    public async Task Admin_WrongRole_IsPermissionDenied(string caller)
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var channel = service.Channel(caller);

        var list = await Assert.ThrowsAsync<RpcException>(async () => await channel.Admin.ListAsync(new()));
        var rotate = await Assert.ThrowsAsync<RpcException>(new RunningRotation(channel).NextAsync);

        Assert.Equal(StatusCode.PermissionDenied, list.StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, rotate.StatusCode);
        Assert.Single((await service.Channel().Admin.ListAsync(new())).Epochs);
        Assert.Contains("was refused /reprise.keys.v1.KeyAdmin/List", service.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("admin", "admin")]
    [InlineData("keys-1", "keys-1")]
    [InlineData("edge-1", "edge-2")]
    [InlineData("edge-1", "")]
    public async Task Subscribe_WrongRoleOrAnothersName_IsPermissionDeniedAndSentNothing(string caller, string node)
    {
        await using var service = await KeyServiceHarness.StartAsync();
        await using var scripted = new ScriptedNode(service.Channel(caller).Invoker);
        try
        {
            await scripted.SayAsync(new() { Hello = new() { Node = node } });
        }
        catch (RpcException)
        {
            // Refused before the message was written.
        }

        Assert.Equal(StatusCode.PermissionDenied, (await scripted.EndAsync()).StatusCode);
        Assert.Empty((await service.Channel().Admin.NodesAsync(new())).Nodes);
    }

    [Theory]
    [InlineData("edge-1")]
    [InlineData("admin")]
    [InlineData("keys-1")]
    public async Task HealthAndReflection_AnyRole_Answer(string caller)
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var invoker = service.Channel(caller).Invoker;

        var health = await new Health.HealthClient(invoker).CheckAsync(new HealthCheckRequest());
        using var reflection = new ServerReflection.ServerReflectionClient(invoker).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await reflection.ResponseStream.MoveNext());
        var services = reflection.ResponseStream.Current.ListServicesResponse.Service.Select(found => found.Name).ToList();

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        Assert.Contains("reprise.keys.v1.KeyAdmin", services);
        Assert.Contains("reprise.keys.v1.KeyDistribution", services);
    }

    [Fact]
    public async Task Handshake_CertificateOfAnotherAuthority_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var other = new TestAuthority();
        using var stranger = other.Admin();

        await AssertRefusedAsync(service, stranger);
        Assert.Contains("refused by the configured CA", service.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_AuthorityOfTheSameNameAndOtherKey_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var impostor = new TestAuthority("Reprise test CA");
        using var certificate = impostor.Admin();

        await AssertRefusedAsync(service, certificate);
    }

    [Fact]
    public async Task Handshake_NoCertificate_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();

        await AssertRefusedAsync(service, null);
    }

    [Theory]
    [InlineData("root", "admin")]
    [InlineData("Admin", "admin")]
    [InlineData("admin", "a/b")]
    public async Task Handshake_UnknownRole_IsRefused(string role, string name)
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var certificate = service.Authority.Role(role, name);

        await AssertRefusedAsync(service, certificate);
    }

    [Fact]
    public async Task Handshake_NoRoleAtAll_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var certificate = service.Authority.Nobody();

        await AssertRefusedAsync(service, certificate);
    }

    [Fact]
    public async Task Handshake_ServerCertificateUsedAsClient_IsRefused()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var certificate = service.Authority.Site();

        await AssertRefusedAsync(service, certificate);
    }

    [Fact]
    public async Task Client_ServiceOfAnotherAuthority_IsNotTrusted()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var other = new TestAuthority();
        using var files = new TemporaryDirectory();
        other.WriteAll(files.Path);
        using var channel = KeyServiceChannel.Create([service.Address], files.File("ca.crt"), files.File("admin.crt"), files.File("admin.key"));

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await channel.Admin.ListAsync(new()));

        Assert.Contains("is not trusted", channel.Explain(fault), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GrpcListener_ManagementPaths_DoNotExist()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var certificate = service.Authority.Admin();
        using var client = new HttpClient(Handler(certificate));

        foreach (var path in new[] { "healthz", "readyz", "metrics" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{service.Address}/{path}") { Version = new(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var answer = await client.SendAsync(request);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task ManagementListener_Grpc_DoesNotExist()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        using var client = new HttpClient();

        using var answer = await client.PostAsync(new Uri(service.Management, "/reprise.keys.v1.KeyAdmin/List"), new ByteArrayContent([0, 0, 0, 0, 0]));

        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task AssertRefusedAsync(KeyServiceHarness service, X509Certificate2? certificate)
    {
        using var channel = GrpcChannel.ForAddress($"https://{service.Address}", new GrpcChannelOptions { HttpHandler = Handler(certificate), DisposeHttpClient = true });

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await new KeyAdmin.KeyAdminClient(channel).ListAsync(new()));
        var health = await Assert.ThrowsAsync<RpcException>(async () => await new Health.HealthClient(channel).CheckAsync(new()));

        Assert.Contains(fault.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
        Assert.Contains(health.StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
    }

    private static SocketsHttpHandler Handler(X509Certificate2? certificate) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            // Here the other side judges.
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        },
    };
}
