using System.CommandLine;
using Grpc.Core;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.Identity;

namespace Reprise.Cli.Cluster;

/// <summary>
/// How a command finds its cluster: <c>--cluster FILE</c>, else <c>REPRISE_CLUSTER</c>, else <c>.reprise/cluster.json</c>.
/// Endpoints and certificates given one by one win over the file, and where all are given none is read.
/// </summary>
internal static class ClusterOptions
{
    private const string Variable = "REPRISE_CLUSTER";

    public static Option<string?> Cluster { get; } = Text("--cluster", "FILE", $"Cluster file. Default: {Variable}, else .reprise/cluster.json.");

    public static Option<string[]> KeyService { get; } = new("--key-service")
    {
        Description = "gRPC address of a key service; several may be given.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Authority { get; } = Text("--ca", "FILE", "PEM file of the CA that signed the servers' certificates.");

    public static Option<string?> Certificate { get; } = Text("--cert", "FILE", "PEM file of an admin's certificate.");

    public static Option<string?> Key { get; } = Text("--key", "FILE", "PEM file of the admin's private key.");

    public static void AddKeyServiceOptions(this Command command)
    {
        foreach (var option in (Option[])[Cluster, KeyService, Authority, Certificate, Key])
            command.Add(option);
    }

    /// <exception cref="CliException">There is no cluster file, or it is not one.</exception>
    public static ClusterDescription ReadCluster(ParseResult parsed) =>
        ClusterFile.Read(parsed.GetValue(Cluster) ?? FromEnvironment() ?? Path.Combine(".reprise", ClusterFile.Name));

    /// <exception cref="CliException">Something is missing that neither an option nor the cluster file says.</exception>
    public static KeyServiceChannel OpenKeyService(ParseResult parsed)
    {
        var cluster = new Lazy<ClusterDescription>(() => ReadCluster(parsed));
        var addresses = parsed.GetValue(KeyService) is { Length: > 0 } given ? given : [.. cluster.Value.KeyService.Select(entry => entry.Grpc)];
        var authority = parsed.GetValue(Authority) ?? cluster.Value.Pki.Ca;
        var certificate = parsed.GetValue(Certificate) ?? cluster.Value.Pki.AdminCert;
        var key = parsed.GetValue(Key) ?? cluster.Value.Pki.AdminKey;
        if (certificate is null || key is null)
            throw new CliException("the cluster file names no admin certificate: give --cert and --key");
        if (addresses.Length == 0)
            throw new CliException("the cluster file names no key service: give --key-service HOST:PORT");

        try
        {
            return KeyServiceChannel.Create(addresses, authority, certificate, key);
        }
        catch (Exception failure) when (failure is PeerCredentialsException or ArgumentException)
        {
            throw new CliException(failure.Message, inner: failure);
        }
    }

    /// <summary>Makes calls to the key service; what goes wrong is one line and an exit code.</summary>
    /// <exception cref="CliException">It does not answer, or not as it was asked.</exception>
    public static async Task<int> CallKeyServiceAsync(ParseResult parsed, Func<KeyServiceChannel, Task<int>> call, CancellationToken cancellationToken)
    {
        using var channel = OpenKeyService(parsed);
        try
        {
            return await call(channel);
        }
        catch (RpcException failure) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("interrupted", failure, cancellationToken);
        }
        catch (RpcException failure)
        {
            // Another rotation is running, or there is no such profile: asked and answered. Everything else: nobody answered as an
            // admin needs it.
            var code = failure.StatusCode is StatusCode.Aborted or StatusCode.NotFound ? ExitCode.Failed : ExitCode.CouldNotRun;
            throw new CliException(channel.Explain(failure), code, failure);
        }
    }

    private static string? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };
}
