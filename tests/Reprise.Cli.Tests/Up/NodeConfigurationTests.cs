using System.Text.Json.Nodes;
using Reprise.Cli.Up;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Up;

public sealed class NodeConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void WriteEdge_Always_HasTheThreeProfilesOfUp()
    {
        var file = _directory.File("edge-2.json");
        NodeConfiguration.WriteEdge(file, new("edge-2", 8444, 34001, "127.0.0.1:6379", ["127.0.0.1:7001", "127.0.0.1:7003"], "127.0.0.1:8080"));
        var root = JsonNode.Parse(File.ReadAllText(file))!;

        Assert.Equal("edge-2", (string?)root["Edge"]!["Node"]);
        Assert.Equal("127.0.0.1:8444", (string?)root["Edge"]!["Listen"]![0]);
        Assert.True((bool)root["Edge"]!["Diagnostics"]!);
        Assert.Equal("127.0.0.1:6379", (string?)root["Sessions"]!["Redis"]);
        Assert.Equal(["https://127.0.0.1:7001", "https://127.0.0.1:7003"], root["KeyService"]!["Addresses"]!.AsArray().Select(address => (string?)address));
        Assert.Equal("pki/edge-2.key", (string?)root["KeyService"]!["Key"]);
        Assert.Equal(("stateful.reprise.test", true, false, "Stateful"), Resumption(root, "stateful"));
        Assert.Equal(("stateless.reprise.test", false, true, "Stateless"), Resumption(root, "stateless"));
        Assert.Equal((null, true, true, "Stateless"), Resumption(root, "default"));
    }

    [Fact]
    public void WriteKeyService_Always_PutsPathsRelativeToTheFile()
    {
        var file = _directory.File("keys-1.json");
        NodeConfiguration.WriteKeyService(file, new("keys-1", 7001, 7002, 7003, "127.0.0.1:6379"));
        var root = JsonNode.Parse(File.ReadAllText(file))!;
        var service = root["KeyService"]!;

        Assert.Equal("127.0.0.1:7001", (string?)service["Grpc"]);
        Assert.Equal("127.0.0.1:7002", (string?)service["Management"]);
        Assert.Equal("127.0.0.1:6379", (string?)root["Store"]!["Redis"]);
        Assert.Equal(("127.0.0.1:7003", "pki/dashboard.token"), ((string?)root["Dashboard"]!["Listen"], (string?)root["Dashboard"]!["TokenFile"]));
        Assert.All((string[])["ReadyFile", "Authority", "Certificate", "Key", "KeyEncryptionKeyFile"], name => Assert.False(Path.IsPathRooted((string)service[name]!)));
    }

    private static (string? Host, bool Stateful, bool Stateless, string Tls13) Resumption(JsonNode root, string name)
    {
        var profile = root["Profiles"]![name]!;
        var resumption = profile["Resumption"]!;
        return (profile["Hosts"]!.AsArray().Select(host => (string?)host).SingleOrDefault(), (bool)resumption["Stateful"]!, (bool)resumption["Stateless"]!, (string)resumption["Tls13"]!);
    }
}
