using System.Diagnostics.CodeAnalysis;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>What the process was started with.</summary>
/// <param name="Config">Path of the JSON file.</param>
/// <param name="HealthCheck">Ask the running process whether it is ready, and exit.</param>
/// <param name="Check">Tell all that is wrong with the configuration, and exit.</param>
public sealed record NodeCommandLine(string Config, bool HealthCheck, bool Check)
{
    public static string Usage(string program) => $"usage: {program} --config FILE [--check | --healthcheck]";

    /// <summary>Whether only the usage is asked for.</summary>
    public static bool AsksForUsage(string[] args) => args is ["--help" or "-h"];

    public static bool TryParse(string[] args, [NotNullWhen(true)] out NodeCommandLine? command)
    {
        command = null;
        string? config = null;
        var healthCheck = false;
        var check = false;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--config" when i + 1 < args.Length:
                    config = args[++i];
                    break;
                case "--healthcheck":
                    healthCheck = true;
                    break;
                case "--check":
                    check = true;
                    break;
                default:
                    return false;
            }
        }

        if (config is null || check && healthCheck)
            return false;
        command = new NodeCommandLine(config, healthCheck, check);
        return true;
    }
}
