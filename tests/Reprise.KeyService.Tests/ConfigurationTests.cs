using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Hosting;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();

    public ConfigurationTests() => _authority.WriteAll(_files.Path);

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Theory]
    [InlineData("KeyService:Grpc", "localhost", "IP:PORT")]
    [InlineData("KeyService:Grpc", "::1", "IP:PORT")]
    [InlineData("KeyService:Management", "127.0.0.1", "IP:PORT")]
    [InlineData("KeyService:Name", "", "the name in this service's certificate")]
    [InlineData("KeyService:Name", "keys-2", "keyservice/keys-2")]
    [InlineData("KeyService:Authority", "nowhere.crt", "an existing PEM file")]
    [InlineData("KeyService:Certificate", "edge-1.crt", "is not the unencrypted PEM key")]
    [InlineData("KeyService:Key", "ca.crt", "is not the unencrypted PEM key")]
    [InlineData("KeyService:Greeting", "hello", "is not a setting; allowed: KeyService:Name")]
    [InlineData("Rotation:Interval", "never", "[days.]hours:minutes:seconds")]
    [InlineData("Rotation:Interval", "8.00:00:00", "00:00:01 to 7.00:00:00")]
    [InlineData("Rotation:DecryptLife", "-01:00:00", "00:00:01 to 7.00:00:00")]
    [InlineData("Rotation:AcknowledgeTimeout", "00:05:00", "less than Rotation:Interval", "Rotation:Interval", "00:01:00")]
    public async Task Start_SettingThatIsNotAllowed_NamesKeyValueAndWhatIs(string key, string value, string allowed, string? otherKey = null, string? otherValue = null)
    {
        var line = await FailureAsync((key, value), (otherKey ?? "Rotation:DecryptLife", otherValue ?? (key == "Rotation:DecryptLife" ? value : "1.00:00:00")));

        Assert.Contains(key.Split(':')[0], line, StringComparison.Ordinal);
        Assert.Contains(allowed, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public async Task Start_TwoSettingsThatAreNotAllowed_AreOneLine() =>
        Assert.DoesNotContain('\n', await FailureAsync(("KeyService:Grpc", "x"), ("KeyService:Management", "y")));

    [Fact]
    public void Open_NotJson_SaysSoInOneLine()
    {
        var fault = Assert.Throws<ConfigurationFileException>(() => ConfigurationFile.Open(_files.Write("bad.json", "{ \"KeyService\": ")));

        Assert.Contains("is not valid JSON", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Open_UnknownSection_NamesIt()
    {
        var fault = Assert.Throws<ConfigurationFileException>(() => ConfigurationFile.Open(_files.Write("odd.json", "{ \"Rotations\": {} }")));

        Assert.StartsWith("Rotations is not a setting; allowed: KeyService, Rotation, Store, Dashboard, Telemetry, Logging", fault.Message, StringComparison.Ordinal);
    }

    private async Task<string> FailureAsync(params (string Key, string Value)[] settings)
    {
        var values = new Dictionary<string, string?>
        {
            ["KeyService:Name"] = "keys-1",
            ["KeyService:Grpc"] = "127.0.0.1:0",
            ["KeyService:Management"] = "127.0.0.1:0",
            ["KeyService:Authority"] = "ca.crt",
            ["KeyService:Certificate"] = "keys-1.crt",
            ["KeyService:Key"] = "keys-1.key",
        };
        foreach (var (key, value) in settings)
            values[key] = value;
        try
        {
            await using var app = KeyServiceHost.Create(ConfigurationFile.Create(new ConfigurationBuilder().AddInMemoryCollection(values).Build(), _files.Path));
            await app.StartAsync();
        }
        catch (ConfigurationFileException fault)
        {
            return fault.Message;
        }
        catch (OptionsValidationException fault)
        {
            return string.Join("; ", fault.Failures);
        }

        throw new InvalidOperationException("It started.");
    }
}
