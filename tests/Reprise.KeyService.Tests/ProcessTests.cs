using Reprise.KeyProtocol.Client;
using Reprise.Testing;

namespace Reprise.KeyService.Tests;

/// <summary>The executable itself.</summary>
public sealed class ProcessTests : IDisposable
{
    private const string Project = "Reprise.KeyService";

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();

    public ProcessTests() => _authority.WriteAll(_files.File("pki"));

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Run_UntilTerminated_IsReadyAnswersAndStopsCleanly()
    {
        var config = Config();
        var ready = _files.File("keys-1.ready.json");
        await using var service = await NodeProcess.StartAsync(Project, config, ready);
        await using var healthy = await NodeProcess.RunAsync(Project, ["--config", config, "--healthcheck"]);
        using var channel = KeyServiceChannel.Create(
            [service.Ready.GetProperty("grpc").GetString()!], _files.File("pki", "ca.crt"), _files.File("pki", "admin.crt"), _files.File("pki", "admin.key"));

        Assert.Equal("keys-1", service.Ready.GetProperty("name").GetString());
        Assert.Equal(service.Id, service.Ready.GetProperty("pid").GetInt32());
        Assert.NotEmpty(service.Ready.GetProperty("management").GetString()!);
        Assert.Equal(0, healthy.ExitCode);
        Assert.Single((await channel.Admin.ListAsync(new())).Epochs);

        Assert.Equal(0, await service.TerminateAsync());
        Assert.False(File.Exists(ready));
        await using var gone = await NodeProcess.RunAsync(Project, ["--config", config, "--healthcheck"]);
        Assert.Equal(1, gone.ExitCode);
    }

    [Fact]
    public async Task Run_BadSetting_IsOneLineOnStandardErrorAndExitsWithOne()
    {
        await using var service = await NodeProcess.RunAsync(
            Project, ["--config", Config()], new Dictionary<string, string> { ["Rotation__Interval"] = "00:00:00" });

        Assert.Equal(1, service.ExitCode);
        Assert.Equal(
            ["reprise-keyservice: Rotation:Interval is '00:00:00'; allowed: 00:00:01 to 7.00:00:00"],
            service.ErrorLines);
    }

    [Fact]
    public async Task Run_PortInUse_IsOneLineOnStandardErrorAndExitsWithOne()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await using var service = await NodeProcess.RunAsync(
            Project, ["--config", Config()], new Dictionary<string, string> { ["KeyService__Grpc"] = taken.LocalEndpoint.ToString()! });

        Assert.Equal(1, service.ExitCode);
        Assert.Contains("address already in use", Assert.Single(service.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain(service.Lines, line => line.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_NoArguments_TellsUsage()
    {
        await using var service = await NodeProcess.RunAsync(Project, []);

        Assert.Equal(1, service.ExitCode);
        Assert.Contains("--config FILE", Assert.Single(service.ErrorLines), StringComparison.Ordinal);
    }

    private string Config() => _files.Write("keys-1.json", """
        { "KeyService": { "Name": "keys-1", "Grpc": "127.0.0.1:0", "Management": "127.0.0.1:0", "ReadyFile": "keys-1.ready.json",
                          "Authority": "pki/ca.crt", "Certificate": "pki/keys-1.crt", "Key": "pki/keys-1.key" } }
        """);
}
