using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Hosting;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Management;

/// <summary>Tells whoever started this process where it listens.</summary>
internal sealed partial class ReadyReport(ListenerAddresses addresses, IOptions<KeyServiceOptions> options, ILogger<ReadyReport> logger)
    : ReadyReporter<ReadyReport.Contents>(options.Value.ReadyFile, $"{KeyServiceOptions.SectionName}:ReadyFile")
{
    /// <param name="Name">The service's.</param>
    /// <param name="Grpc">Where nodes and operators connect.</param>
    /// <param name="Management">Health and metrics.</param>
    /// <param name="Dashboard">The page for operators; null where it is off.</param>
    /// <param name="Pid">This process.</param>
    internal sealed record Contents(string Name, string Grpc, string Management, string? Dashboard, int Pid);

    protected override Contents Describe()
    {
        var contents = new Contents(
            options.Value.Name, $"{addresses[Listener.Grpc]}", $"{addresses[Listener.Management]}", addresses[Listener.Dashboard]?.ToString(), Environment.ProcessId);
        Log.Listening(logger, contents.Name, contents.Grpc, contents.Management, contents.Dashboard ?? "nowhere");
        return contents;
    }

    // Event ids 4060-4069.
    private static partial class Log
    {
        [LoggerMessage(4060, LogLevel.Information, "Key service {Name}: gRPC on {Grpc}, management on {Management}, dashboard on {Dashboard}")]
        public static partial void Listening(ILogger logger, string name, string grpc, string management, string dashboard);
    }
}
