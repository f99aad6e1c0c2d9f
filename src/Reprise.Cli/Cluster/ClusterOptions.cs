using System.CommandLine;
using Grpc.Core;
using Reprise.Cli.Terminal;
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

    /// <summary>The key services of the command's cluster. Nothing is connected before the first call.</summary>
    /// <exception cref="CliException">Something is missing that neither an option nor the cluster file says.</exception>
    public static KeyPlane OpenKeyPlane(ParseResult parsed, Screen screen)
    {
        var cluster = new Lazy<ClusterDescription>(() => ReadCluster(parsed));
        var addresses = parsed.GetValue(KeyService) is { Length: > 0 } given ? given : [.. cluster.Value.KeyService.Select(entry => entry.Grpc)];
        var authority = parsed.GetValue(Authority) ?? cluster.Value.Pki.Ca;
        var certificate = parsed.GetValue(Certificate) ?? cluster.Value.Pki.AdminCert;
        var key = parsed.GetValue(Key) ?? cluster.Value.Pki.AdminKey;
        return OpenKeyPlane(addresses, new(authority, certificate, key), screen);
    }

    /// <inheritdoc cref="OpenKeyPlane(ParseResult, Screen)"/>
    public static KeyPlane OpenKeyPlane(IReadOnlyCollection<string> addresses, PkiEntry pki, Screen screen)
    {
        var (authority, certificate, key) = pki;
        if (certificate is null || key is null)
            throw new CliException("the cluster file names no admin certificate: give --cert and --key");
        if (addresses.Count == 0)
            throw new CliException("the cluster file names no key service: give --key-service HOST:PORT");

        try
        {
            return new([.. addresses.Select(address => KeyServiceChannel.Create([address], authority, certificate, key))], screen);
        }
        catch (Exception failure) when (failure is PeerCredentialsException or ArgumentException)
        {
            throw new CliException(failure.Message, inner: failure);
        }
    }

    /// <summary>Sets what a command does with the key services of its cluster, and gives it the options to find them.</summary>
    /// <param name="command">The command.</param>
    /// <param name="screen">For what it has to say while it waits.</param>
    /// <param name="action">What it does.</param>
    /// <param name="ask">Before anything else; throws if it must not be done.</param>
    public static void SetKeyPlaneAction(
        this Command command, Screen screen, Func<KeyPlane, ParseResult, CancellationToken, Task<int>> action, Action<ParseResult>? ask = null)
    {
        command.AddKeyServiceOptions();
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ask?.Invoke(parsed);
            using var plane = OpenKeyPlane(parsed, screen);
            try
            {
                return await action(plane, parsed, cancellationToken);
            }
            catch (RpcException failure) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("interrupted", failure, cancellationToken);
            }
        });
    }

    private static string? FromEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };
}
