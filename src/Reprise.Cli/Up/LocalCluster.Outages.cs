using System.Net;
using Reprise.Cli.Cluster;

namespace Reprise.Cli.Up;

/// <content>What the demo takes away and gives back.</content>
internal sealed partial class LocalCluster
{
    /// <summary>Whose end is no surprise; disposed with the cluster.</summary>
    private readonly HashSet<NodeProcess> _takenAway = [];

    /// <summary>Stops the embedded server: connections break, and what it held is gone.</summary>
    public void StopRedis()
    {
        _redis?.Dispose();
        _redis = null;
    }

    /// <summary>Starts it again where it was, empty.</summary>
    public void StartRedis() => _redis ??= EmbeddedRedis.Start(IPEndPoint.Parse(Description.Redis!).Port);

    /// <returns>The id that the process had.</returns>
    public async Task<int> KillKeyServiceAsync(string name)
    {
        var node = KeyService(name);
        _takenAway.Add(node);
        var pid = node.Pid;
        await node.KillAsync();
        return pid;
    }

    /// <summary>Starts one that was killed, by the configuration that it had.</summary>
    /// <returns>The id of its process.</returns>
    /// <exception cref="CliException">It did not start.</exception>
    public async Task<int> StartKeyServiceAsync(string name, CancellationToken cancellationToken)
    {
        var gone = KeyService(name);
        var node = Start(name, NodeProgram.KeyService);
        _keyServices[_keyServices.IndexOf(gone)] = node;
        var ready = await node.ReadyAsync(StartPatience, cancellationToken);
        Description = Description with
        {
            KeyService = [.. Description.KeyService.Select(entry => entry.Name == name ? Entry(node, ready) : entry)],
        };
        ClusterFile.Write(ClusterPath, Description);
        return node.Pid;
    }

    private NodeProcess KeyService(string name) =>
        _keyServices.Find(node => node.Name == name) ?? throw new CliException($"{name} is not a key service of this cluster");
}
