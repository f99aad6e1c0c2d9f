using System.Security.Authentication;
using Reprise.Core.Sessions;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>As metrics, logs, traces and the handshake endpoint spell things; reasons are in <see cref="DeclineReasonNames"/>.</summary>
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

    public static string Of(ResumptionMode mode) => mode switch
    {
        ResumptionMode.Stateful => "stateful",
        ResumptionMode.Stateless => "stateless",
        _ => "full",
    };

    public static string Of(CacheAnswer answer) => answer.Faulted ? "error" : answer.Value is null ? "miss" : "hit";

    public static string Of(HandshakeFailure failure) => failure switch
    {
        HandshakeFailure.Client => "client",
        HandshakeFailure.Closed => "closed",
        HandshakeFailure.Timeout => "timeout",
        HandshakeFailure.UnknownName => "unknown_name",
        HandshakeFailure.ClientCertificate => "client_certificate",
        HandshakeFailure.Stopping => "stopping",
        _ => "internal",
    };
}
