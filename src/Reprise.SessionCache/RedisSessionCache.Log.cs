using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Reprise.SessionCache;

public sealed partial class RedisSessionCache
{
    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Session store: connected")]
        public static partial void Connected(ILogger logger);

        [LoggerMessage(2002, LogLevel.Warning, "Session store: not reachable; stateful sessions are full handshakes until it is")]
        public static partial void Unreachable(ILogger logger);

        [LoggerMessage(2003, LogLevel.Warning, "Session store: connection lost ({Failure}); stateful sessions are full handshakes until it is back")]
        public static partial void Lost(ILogger logger, ConnectionFailureType failure);

        [LoggerMessage(2004, LogLevel.Error, "Session store: not used: {Reason}")]
        public static partial void Unfit(ILogger logger, string reason);

        [LoggerMessage(EventId = 2005, Message = "Session store: could not be checked, and is not used until it is: {Reason}")]
        public static partial void NotChecked(ILogger logger, LogLevel level, string reason);

        // 2010 was SettingHidden.

        [LoggerMessage(2011, LogLevel.Warning, "Session store: breaker of {Calls} open after {Failures} failures in a row, the last one '{Reason}'; there are none until a probe is answered")]
        public static partial void BreakerOpened(ILogger logger, string calls, int failures, string reason);

        [LoggerMessage(2012, LogLevel.Information, "Session store: breaker of {Calls} closed")]
        public static partial void BreakerClosed(ILogger logger, string calls);

        [LoggerMessage(2013, LogLevel.Debug, "Session store: breaker of {Calls} half-open, one goes through")]
        public static partial void Probing(ILogger logger, string calls);

        [LoggerMessage(2014, LogLevel.Debug, "Session store: breaker of {Calls} open again, '{Reason}'")]
        public static partial void ProbeFailed(ILogger logger, string calls, string reason);

        [LoggerMessage(2015, LogLevel.Warning, "Session store: {Warning}")]
        public static partial void Warned(ILogger logger, string warning);

        [LoggerMessage(2016, LogLevel.Warning, "Session store: connection to {Server} lost ({Failure}), to the other servers not; its sessions are full handshakes until it or another takes over")]
        public static partial void OneLost(ILogger logger, string server, ConnectionFailureType failure);

        [LoggerMessage(2017, LogLevel.Debug, "Session store: no Sentinel names a master that answers: {Reason}")]
        public static partial void NoMaster(ILogger logger, string reason);

        [LoggerMessage(2018, LogLevel.Debug, "Session store: looked for the master, which failed: {Reason}")]
        public static partial void NotFound(ILogger logger, string reason);
    }
}
