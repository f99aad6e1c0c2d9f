using Google.Protobuf;
using Reprise.Cli.Certs;
using Reprise.Cli.Cluster;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Scripted;

/// <summary>A cluster file that names two key services, which answer what the test says.</summary>
public sealed class ScriptedCluster : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public string ClusterPath => _directory.File("cluster.json");

    internal ScriptedKeyService First { get; private set; } = null!;

    internal ScriptedKeyService Second { get; private set; } = null!;

    /// <summary>Both, in the order of the cluster file.</summary>
    internal IEnumerable<ScriptedKeyService> Both => [First, Second];

    public async ValueTask InitializeAsync()
    {
        var pki = new PkiDirectory(_directory.File("pki"), TimeProvider.System);
        pki.Create(new() { Edges = 1, KeyServices = 2 });
        First = await StartAsync("keys-1");
        Second = await StartAsync("keys-2");
        WriteFile(First.Address, Second.Address);

        Task<ScriptedKeyService> StartAsync(string name) =>
            ScriptedKeyService.StartAsync(pki.CertificatePath("ca"), pki.CertificatePath(name), pki.KeyPath(name));
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>Other addresses than those of both.</summary>
    public void WriteFile(params string[] addresses) => ClusterFile.Write(ClusterPath, new()
    {
        Edges = [],
        KeyService = [.. addresses.Select(address => new KeyServiceEntry(address))],
        Pki = new(_directory.File("pki", "ca.crt"), _directory.File("pki", "admin.crt"), _directory.File("pki", "admin.key")),
    });

    /// <summary>The same answer from both.</summary>
    internal void Answer<TRequest>(Func<TRequest, object> answer)
        where TRequest : IMessage
    {
        foreach (var service in Both)
            service.Answer(answer);
    }

    internal IEnumerable<TRequest> Asked<TRequest>() => Both.SelectMany(service => service.Asked).OfType<TRequest>();

    /// <summary>A command, in this process, told of this cluster.</summary>
    internal Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--cluster", ClusterPath]);
}
