using Reprise.Cli.Cluster;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Cluster;

public sealed class ClusterFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Write_ThenRead_GivesTheSame()
    {
        var file = _directory.File("cluster.json");
        var written = new ClusterDescription
        {
            Edges = [new("edge-1", "127.0.0.1:8443", "127.0.0.1:1", 12)],
            KeyService = [new("127.0.0.1:2", "127.0.0.1:3", 13, "keys-1"), new("127.0.0.1:5", "127.0.0.1:6", 14, "keys-2")],
            Redis = "127.0.0.1:4",
            RedisPasswordFile = "/pki/redis.password",
            Pki = new("/pki/ca.crt", "/pki/admin.crt", "/pki/admin.key"),
        };

        ClusterFile.Write(file, written);
        var read = ClusterFile.Read(file);

        Assert.Equal(written.Edges, read.Edges);
        Assert.Equal(written.KeyService, read.KeyService);
        Assert.Equal(written.KeyService, read.KeyService);
        Assert.Equal((written.Redis, written.RedisPasswordFile, written.Pki), (read.Redis, read.RedisPasswordFile, read.Pki));
        Assert.Equal([file], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Read_OfRelativePaths_TakesThemFromTheFilesFolder()
    {
        // As checked in for compose: no processes of this machine, no management addresses.
        var file = _directory.Write("deploy/cluster.json", """
            {"edges":[{"name":"edge-1","tls":"edge-1:8443"}],"keyService":[{"grpc":"keyservice:7000"}],"redisPasswordFile":"../pki/redis.password",
             "pki":{"ca":"../pki/ca.crt","adminCert":"../pki/admin.crt","adminKey":"../pki/admin.key"}}
            """);

        var cluster = ClusterFile.Read(file);

        Assert.Equal(_directory.File("pki", "ca.crt"), cluster.Pki.Ca);
        Assert.Equal(_directory.File("pki", "admin.key"), cluster.Pki.AdminKey);
        Assert.Equal(_directory.File("pki", "redis.password"), cluster.RedisPasswordFile);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"edges":[]}""")]
    [InlineData("""{"edges":null,"keyService":[],"pki":{"ca":"x"}}""")]
    [InlineData("""{"edges":[],"keyService":[],"pki":{}}""")]
    public void Read_OfSomethingElse_NamesTheFile(string content)
    {
        var file = _directory.Write("cluster.json", content);
        Assert.Contains(file, Assert.Throws<CliException>(() => ClusterFile.Read(file)).Message, StringComparison.Ordinal);
    }
}
