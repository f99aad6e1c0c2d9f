using System.Net.Sockets;
using Reprise.Cli.Certs;
using Reprise.Cli.Cluster;

namespace Reprise.Cli.Up;

/// <summary>
/// The cluster that `up` runs: Redis and upstream in this process, key services and edges as children. Stopping is
/// orderly: edges drain while what they need still answers.
/// </summary>
/// <param name="options">What to start.</param>
/// <param name="fault">Told in one line of a node that ended by itself.</param>
internal sealed partial class LocalCluster(UpOptions options, Action<string> fault) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    /// <summary>Longer than the edges' own drain timeout of 10 s.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    /// <summary>Ctrl-C reaches the children too, and they may be faster: whether we are stopping is known only a moment later.</summary>
    private static readonly TimeSpan FaultDelay = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<NodeProcess> _keyServices = [];
    private readonly List<NodeProcess> _edges = [];
    private DataFolderLock? _lock;
    private EmbeddedRedis? _redis;
    private DemoUpstream? _upstream;

    public ClusterDescription Description { get; private set; } = null!;

    public bool EmbedsRedis => options.Redis is null;

    public string Upstream => _upstream!.Address;

    /// <summary>How this CLI was called, for the commands to try next.</summary>
    public string CommandPrefix { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "reprise"
        ? Path.GetRelativePath(Environment.CurrentDirectory, Environment.ProcessPath!)
        : $"dotnet {Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(AppContext.BaseDirectory, "reprise.dll"))}";

    /// <summary>Empty where the other commands find the cluster by themselves.</summary>
    public string ClusterArgument =>
        options.Data == Path.GetFullPath(".reprise") ? "" : $" --cluster {Path.GetRelativePath(Environment.CurrentDirectory, ClusterPath)}";

    /// <summary>File with what signs an operator in at the dashboards.</summary>
    public string DashboardToken => Path.GetRelativePath(Environment.CurrentDirectory, InData("pki", PkiDirectory.DashboardTokenName));

    private string ClusterPath => InData(ClusterFile.Name);

    /// <exception cref="CliException">It cannot start; what was started is stopped by <see cref="DisposeAsync"/>.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        LocalPorts.EnsureFree(options.Port, options.Edges);
        Directory.CreateDirectory(InData("logs"));
        _lock = DataFolderLock.Take(options.Data);
        File.Delete(ClusterPath); // one of an earlier run that was killed
        PreparePki();

        var ports = new Queue<int>(LocalPorts.TakeFree(2 + (3 * options.KeyServices) + options.Edges));
        var redis = options.Redis ?? (_redis = EmbeddedRedis.Start(ports.Dequeue())).Address;
        if (options.Redis is not null)
            await EnsureAnswersAsync(options.Redis, cancellationToken);
        _upstream = await DemoUpstream.StartAsync(ports.Dequeue(), cancellationToken);

        var keyServices = await StartKeyServicesAsync(ports, redis, cancellationToken);
        Description = new()
        {
            Edges = await StartEdgesAsync(ports, redis, [.. keyServices.Select(service => service.Grpc)], cancellationToken),
            KeyService = keyServices,
            Redis = redis,
            Pki = new(InData("pki", "ca.crt"), InData("pki", "admin.crt"), InData("pki", "admin.key")),
        };
        ClusterFile.Write(ClusterPath, Description);
    }

    /// <summary>Takes the cluster file away, asks all nodes to stop, and ends those that do not.</summary>
    public async Task StopAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        if (_lock is not null)
            File.Delete(ClusterPath);

        // Edges first: while they drain they may still report to the key service.
        await StopAsync(_edges);
        await StopAsync(_keyServices);
        if (_upstream is not null)
            await _upstream.DisposeAsync();
        _redis?.Dispose();
        _lock?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var node in _edges.Concat(_keyServices).Concat(_takenAway))
            node.Dispose();
        _stopping.Dispose();
    }

    private void PreparePki()
    {
        var pki = new PkiDirectory(InData("pki"), TimeProvider.System);
        var request = new PkiRequest { Edges = options.Edges, KeyServices = options.KeyServices };
        if (pki.Exists)
            pki.IssueMissing(request);
        else
            pki.Create(request);
    }

    private async Task<IReadOnlyList<KeyServiceEntry>> StartKeyServicesAsync(Queue<int> ports, string redis, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= options.KeyServices; i++)
        {
            var service = new KeyServiceConfiguration($"keys-{i}", ports.Dequeue(), ports.Dequeue(), ports.Dequeue(), redis);
            NodeConfiguration.WriteKeyService(InData($"{service.Name}.json"), service);
            _keyServices.Add(Start(service.Name, NodeProgram.KeyService));
        }

        var entries = new List<KeyServiceEntry>();
        foreach (var node in _keyServices)
        {
            var ready = await node.ReadyAsync(StartPatience, cancellationToken);
            entries.Add(Entry(node, ready));
        }

        return entries;
    }

    private async Task<IReadOnlyList<EdgeEntry>> StartEdgesAsync(
        Queue<int> ports, string redis, IReadOnlyList<string> keyServices, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= options.Edges; i++)
        {
            var edge = new EdgeConfiguration($"edge-{i}", options.Port + i - 1, ports.Dequeue(), redis, keyServices, Upstream);
            NodeConfiguration.WriteEdge(InData($"{edge.Name}.json"), edge);
            _edges.Add(Start(edge.Name, NodeProgram.Edge));
        }

        var entries = new List<EdgeEntry>();
        foreach (var node in _edges)
        {
            var ready = await node.ReadyAsync(StartPatience, cancellationToken);
            entries.Add(new(node.Name, ready.Tls[0], ready.Management, node.Pid));
        }

        return entries;
    }

    private static KeyServiceEntry Entry(NodeProcess node, ReadyFile ready) => new(ready.Grpc!, ready.Management, node.Pid, node.Name, ready.Dashboard);

    private NodeProcess Start(string name, string program)
    {
        var node = NodeProcess.Start(name, program, options.Data, InData("logs", $"{name}.log"));
        _ = ReportEndAsync(node);
        return node;
    }

    // Not started again: whoever killed it wants to see how the others do without.
    private async Task ReportEndAsync(NodeProcess node)
    {
        await node.Exited;
        var code = node.ExitCode;
        await Task.Delay(FaultDelay);
        if (!_stopping.IsCancellationRequested && Description is not null && !_takenAway.Contains(node))
            fault($"{node.Name} (pid {node.Pid}) ended with {code}; it is not started again. Its log: {node.LogFile}");
    }

    private static async Task StopAsync(IReadOnlyList<NodeProcess> nodes)
    {
        var running = nodes.Where(node => !node.Exited.IsCompleted).ToList();
        if (running.Count == 0)
            return;
        await TerminationSignal.SendAsync(running.Select(node => node.Pid));
        await Task.WhenAny(Task.WhenAll(running.Select(node => node.Exited)), Task.Delay(StopPatience));
        foreach (var node in running.Where(node => !node.Exited.IsCompleted))
            await node.KillAsync();
    }

    private static async Task EnsureAnswersAsync(string redis, CancellationToken cancellationToken)
    {
        var uri = new Uri($"tcp://{redis}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(uri.IdnHost, uri.Port, deadline.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new CliException($"Redis {redis} does not answer: {failure.Message}", inner: failure);
        }
    }

    private string InData(params ReadOnlySpan<string> parts) => Path.Combine([options.Data, .. parts]);
}
