using System.Security.Authentication;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>
/// A line for some of the sessions that were offered and not resumed: of each reason at most so many a second, each with the number of
/// those that it stands for besides. It names nobody and no session: what is told of one is in no way its client's.
/// </summary>
/// <param name="perSecond">Lines a second and reason; 0: none.</param>
/// <param name="logger">Where to.</param>
/// <param name="time">Its clock.</param>
internal sealed partial class DeclineLog(int perSecond, ILogger logger, TimeProvider time)
{
    private static readonly int Reasons = Enum.GetValues<DeclineReason>().Length;

    private readonly long _spacing = perSecond == 0 ? 0 : time.TimestampFrequency / perSecond;
    private readonly long[] _next = [.. Enumerable.Repeat(long.MinValue, Reasons)];
    private readonly long[] _suppressed = new long[Reasons];

    /// <summary>Of a full handshake. From any loop.</summary>
    /// <param name="reason">None: nothing was offered.</param>
    /// <param name="offered">What.</param>
    /// <param name="protocol">Of the handshake.</param>
    /// <param name="profile">The same.</param>
    public void Note(DeclineReason reason, OfferedSession offered, SslProtocols protocol, string profile)
    {
        if (_spacing == 0 || reason.ToName() is not { } name)
            return;
        var now = time.GetTimestamp();
        ref var place = ref _next[(int)reason];
        ref var suppressed = ref _suppressed[(int)reason];
        var next = Volatile.Read(ref place);
        if (now < next || Interlocked.CompareExchange(ref place, now + _spacing, next) != next)
        {
            Interlocked.Increment(ref suppressed);
            return;
        }

        var mode = HandshakeNames.Of(offered is OfferedSession.Ticket ? ResumptionMode.Stateless : ResumptionMode.Stateful);
        Log.Declined(logger, name, HandshakeNames.Of(offered), mode, HandshakeNames.Of(protocol), profile, Interlocked.Exchange(ref suppressed, 0));
    }

    private static partial class Log
    {
        [LoggerMessage(3104, LogLevel.Information, "Session declined: {Reason}; offered {Offered} ({Mode}), {Protocol}, profile {Profile}; {Suppressed} more of this reason since the last line")]
        public static partial void Declined(ILogger logger, string reason, string offered, string mode, string protocol, string profile, long suppressed);
    }
}
