namespace Reprise.Testing.Tests;

/// <summary>On the key service, which needs nothing but certificates.</summary>
public sealed class NodeProcessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task Terminate_AReadyNode_EndsItWithZeroAndTakesItsReadyFileAway()
    {
        var ready = _directory.File("keys-1.ready.json");
        await using var node = await NodeProcess.StartAsync("Reprise.KeyService", WriteConfiguration(), ready);

        Assert.Equal("keys-1", node.Ready.GetProperty("name").GetString());
        Assert.Equal(node.Id, node.Ready.GetProperty("pid").GetInt32());
        Assert.Equal(0, await node.TerminateAsync());
        Assert.False(File.Exists(ready));
    }

    [Fact]
    public async Task Kill_AReadyNode_LeavesItNoTime()
    {
        var ready = _directory.File("keys-1.ready.json");
        await using var node = await NodeProcess.StartAsync("Reprise.KeyService", WriteConfiguration(), ready);

        await node.KillAsync();

        Assert.Equal(128 + 9, node.ExitCode);
        Assert.True(File.Exists(ready));
    }

    [Fact]
    public async Task Start_WithABadConfiguration_GivesExitCodeAndOutput()
    {
        var config = _directory.Write("keys-1.json", "{}");

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => NodeProcess.StartAsync("Reprise.KeyService", config, _directory.File("keys-1.ready.json")));

        Assert.Contains("exited with 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("KeyService:Name", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private string WriteConfiguration()
    {
        using var authority = new TestAuthority();
        authority.WriteAll(_directory.File("pki"));
        return _directory.Write("keys-1.json", """
            { "KeyService": { "Name": "keys-1", "Grpc": "127.0.0.1:0", "Management": "127.0.0.1:0", "ReadyFile": "keys-1.ready.json",
                "Authority": "pki/ca.crt", "Certificate": "pki/keys-1.crt", "Key": "pki/keys-1.key" } }
            """);
    }
}
