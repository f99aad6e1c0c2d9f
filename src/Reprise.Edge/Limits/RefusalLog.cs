using Reprise.Tls;

namespace Reprise.Edge.Limits;

/// <summary>One line when connections begin to be refused for a reason, and none for each: next when a minute has passed without.</summary>
internal sealed partial class RefusalLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly long[] _last = [.. Enum.GetValues<ConnectionRefusal>().Select(_ => long.MinValue)];

    public static string NameOf(ConnectionRefusal reason) => reason switch
    {
        ConnectionRefusal.TooManyConnections => "address_connections",
        ConnectionRefusal.TooFast => "address_rate",
        ConnectionRefusal.UntrustedProxy => "untrusted_proxy",
        _ => "proxy_header",
    };

    public void Note(ConnectionRefusal reason)
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Exchange(ref _last[(int)reason], now);
        if (last == long.MinValue || time.GetElapsedTime(last, now) > Quiet)
            Log.Refusing(logger, NameOf(reason));
    }

    private static partial class Log
    {
        [LoggerMessage(3103, LogLevel.Warning, "Connections are refused ({Reason}); counted in reprise_connections_refused")]
        public static partial void Refusing(ILogger logger, string reason);
    }
}
