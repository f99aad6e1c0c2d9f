using StackExchange.Redis;

namespace Reprise.Redis;

/// <summary>What goes wrong with a Redis that others run.</summary>
internal static class RedisFault
{
    /// <summary>Whether this is the store's failure; anything else is a defect of ours. RedisTimeoutException is a TimeoutException and no RedisException.</summary>
    public static bool IsExpected(Exception fault) =>
        fault is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    /// <summary>
    /// Why the store did not serve, in a word or two without a secret: <c>READONLY</c>, <c>OOM</c>, <c>NOPERM</c>, <c>timeout</c>. Null where the
    /// server is well and only this key is not (<c>WRONGTYPE</c>), and for what <see cref="IsExpected"/> does not know.
    /// </summary>
    public static string? ReasonOf(Exception fault) => fault switch
    {
        RedisServerException server => CodeOf(server) is var code && code is "WRONGTYPE" ? null : code,
        RedisConnectionException connection => connection.FailureType.ToString(),
        TimeoutException => "timeout",
        _ => IsExpected(fault) ? fault.GetType().Name : null,
    };

    /// <summary>The server is there and refuses, or has no connection for this key: another one may be in its place by now.</summary>
    public static bool MayHaveMoved(Exception fault) => fault switch
    {
        RedisServerException server => CodeOf(server) is "READONLY" or "LOADING" or "MASTERDOWN" or "CLUSTERDOWN" or "MOVED" or "ASK" or "TRYAGAIN",
        RedisException => true,
        _ => false,
    };

    /// <summary>The server has no room for what a command would write.</summary>
    public static bool IsFull(Exception? fault) => fault is RedisServerException server && CodeOf(server) is "OOM";

    // "READONLY You can't write against a read only replica.": the first word is the code, and never anybody's data.
    private static string CodeOf(RedisServerException fault)
    {
        var end = fault.Message.IndexOf(' ', StringComparison.Ordinal);
        var code = end < 0 ? fault.Message : fault.Message[..end];
        return code.Length is > 0 and <= 20 && code.All(char.IsAsciiLetterUpper) ? code : "server error";
    }
}
