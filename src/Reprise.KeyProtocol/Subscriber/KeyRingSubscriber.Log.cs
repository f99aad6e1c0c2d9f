using Microsoft.Extensions.Logging;

namespace Reprise.KeyProtocol;

public sealed partial class KeyRingSubscriber
{
    // Event ids 3000-3099.
    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Information, "Key service {Address}: connected, generation {Generation} in use")]
        public static partial void Connected(ILogger logger, string address, long generation);

        [LoggerMessage(3001, LogLevel.Warning, "Key service {Address}: lost ({Reason}); going on with generation {Generation}")]
        public static partial void Lost(ILogger logger, string address, string reason, long generation);

        [LoggerMessage(3002, LogLevel.Warning, "Key service {Address}: not to be used ({Reason}); trying again, holding generation {Generation}")]
        public static partial void Unreachable(ILogger logger, string address, string reason, long generation);

        [LoggerMessage(3003, LogLevel.Debug, "Key service {Address}: still not to be used ({Reason})")]
        public static partial void StillUnreachable(ILogger logger, string address, string reason);

        [LoggerMessage(3004, LogLevel.Information, "Key ring generation {Generation} in use and acknowledged")]
        public static partial void Acknowledged(ILogger logger, long generation);

        [LoggerMessage(3005, LogLevel.Information, "Epoch {Epoch}: its life is over, its secret is destroyed")]
        public static partial void Expired(ILogger logger, long epoch);

        [LoggerMessage(3006, LogLevel.Error, "Key ring generation {Generation} could not be put to use; it is not acknowledged")]
        public static partial void HandlerFailed(ILogger logger, long generation, Exception fault);

        [LoggerMessage(3007, LogLevel.Warning, "An operator's question about a session could not be answered")]
        public static partial void NotExplained(ILogger logger, Exception fault);
    }
}
