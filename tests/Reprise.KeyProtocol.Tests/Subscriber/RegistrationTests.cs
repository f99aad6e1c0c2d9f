using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Reprise.Testing;

namespace Reprise.KeyProtocol.Tests.Subscriber;

public sealed class RegistrationTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();

    public RegistrationTests() => _authority.WriteAll(_files.File("pki"));

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void Add_GoodSettings_IsOneHostedSingletonWithPathsFromTheBaseDirectory()
    {
        using var services = Services();

        var subscriber = services.GetRequiredService<KeyRingSubscriber>();

        Assert.Same(subscriber, Assert.Single(services.GetServices<IHostedService>().OfType<KeyRingSubscriber>()));
        Assert.Equal(_files.File("pki", "ca.crt"), services.GetRequiredService<IOptions<KeyRingSubscriberOptions>>().Value.Authority);
    }

    [Theory]
    [InlineData("KeyService:Addresses:0", "http://127.0.0.1:7001", "KeyService:Addresses:0 is 'http://127.0.0.1:7001'; allowed: https://HOST:PORT")]
    [InlineData("KeyService:HeartbeatInterval", "00:00:00", "KeyService:HeartbeatInterval is '00:00:00'; allowed: 00:00:01 to 00:01:00")]
    [InlineData("KeyService:Authority", "pki/gone.crt", "allowed: the path of an existing PEM file")]
    [InlineData("KeyService:Key", "pki/edge-2.key", "is not the unencrypted PEM key of")]
    [InlineData("KeyService:Certificate", "pki/edge-2.crt", "is not the unencrypted PEM key of")]
    public void Add_SettingThatIsNotAllowed_NamesKeyValueAndWhatIs(string key, string value, string expected)
    {
        using var services = Services((key, value));

        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<KeyRingSubscriber>());

        Assert.Contains(expected, Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edge-2", "the certificate of node 'edge-2'; allowed: that of this node, 'edge-1'")]
    [InlineData("admin", "the certificate of admin/admin; allowed: one of the role edge")]
    public void Add_CertificateOfAnother_IsRefused(string name, string expected)
    {
        using var services = Services(("KeyService:Certificate", $"pki/{name}.crt"), ("KeyService:Key", $"pki/{name}.key"));

        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<KeyRingSubscriber>());

        Assert.Contains(expected, Assert.Single(fault.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void Add_NoAddress_IsRefused()
    {
        var fault = Assert.Throws<OptionsValidationException>(
            () => Services(("KeyService:Addresses:0", null)).GetRequiredService<KeyRingSubscriber>());

        Assert.Contains("KeyService:Addresses is empty", fault.Message, StringComparison.Ordinal);
    }

    private ServiceProvider Services(params (string Key, string? Value)[] settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["KeyService:Addresses:0"] = "https://127.0.0.1:7001",
            ["KeyService:Authority"] = "pki/ca.crt",
            ["KeyService:Certificate"] = "pki/edge-1.crt",
            ["KeyService:Key"] = "pki/edge-1.key",
        };
        foreach (var (key, value) in settings)
        {
            if (value is null)
                values.Remove(key);
            else
                values[key] = value;
        }

        return new ServiceCollection()
            .AddLogging()
            .AddKeyRingSubscriber(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), _files.Path, "edge-1")
            .BuildServiceProvider();
    }
}
