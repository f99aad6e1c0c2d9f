using System.Security.Authentication;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>As metrics, logs and the handshake endpoint spell things; modes are in <see cref="HandshakeMetrics"/>, reasons in <see cref="DeclineReasonNames"/>.</summary>
internal static class HandshakeNames
{
    public static string Of(OfferedSession offered) => offered switch
    {
        OfferedSession.SessionId => "session_id",
        OfferedSession.Handle => "handle",
        OfferedSession.Ticket => "ticket",
        _ => "none",
    };

    public static string Of(SslProtocols protocol) => protocol is SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2";
}
