using Microsoft.Extensions.Logging;

namespace Reprise.KeyProtocol.Hosting;

/// <summary>How both node hosts log: one line an event on standard output, in UTC.</summary>
public static class NodeLogging
{
    /// <param name="logging">The host's.</param>
    /// <param name="file">Its section <c>Logging</c> changes levels the .NET way.</param>
    /// <param name="hasStarted">Whether the host runs.</param>
    public static void AddNodeLogging(this ILoggingBuilder logging, SettingsFile file, Func<bool> hasStarted) => logging
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        })
        .AddFilter("Microsoft", LogLevel.Warning)
        // Says nothing from Warning on; and as long as it may say anything, each request costs an Activity, with IDs that nobody asks for.
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
        .AddFilter("Grpc", LogLevel.Warning)
        .AddFilter("Yarp", LogLevel.Warning)
        // A start that fails is told in one line on standard error; the host would log it too, with its stack.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level is LogLevel.Critical || hasStarted() && level >= LogLevel.Warning)
        // Only YARP's session affinity would use data protection, and it is off: its warnings about keys are about none of ours.
        .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
        .AddConfiguration(file.Configuration.GetSection("Logging"));
}
