using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Management;

/// <summary>Tells whoever started this process where it listens.</summary>
internal sealed partial class ReadyReport(IServer server, IOptions<KeyServiceOptions> options, ILogger<ReadyReport> logger)
    : ReadyReporter<ReadyReport.Contents>(options.Value.ReadyFile, $"{KeyServiceOptions.SectionName}:ReadyFile")
{
    /// <param name="Name">The service's.</param>
    /// <param name="Grpc">Where nodes and operators connect.</param>
    /// <param name="Dashboard">The management listener, until there is a dashboard.</param>
    /// <param name="Pid">This process.</param>
    internal sealed record Contents(string Name, string Grpc, string Dashboard, int Pid);

    protected override Contents Describe()
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToList();
        var contents = new Contents(
            options.Value.Name,
            HostAndPort(addresses.Single(address => address.Scheme == Uri.UriSchemeHttps)),
            HostAndPort(addresses.Single(address => address.Scheme == Uri.UriSchemeHttp)),
            Environment.ProcessId);
        Log.Listening(logger, contents.Name, contents.Grpc, contents.Dashboard);
        return contents;
    }

    // Event ids 4060-4069.
    private static partial class Log
    {
        [LoggerMessage(4060, LogLevel.Information, "Key service {Name}: gRPC on {Grpc}, management on {Management}")]
        public static partial void Listening(ILogger logger, string name, string grpc, string management);
    }
}
