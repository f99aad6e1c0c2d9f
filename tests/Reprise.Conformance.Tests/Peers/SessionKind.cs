using System.Text.Json;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>The four ways in which a session is kept.</summary>
public enum SessionKind
{
    Tls12SessionId,
    Tls12Ticket,
    Tls13Handle,
    Tls13Ticket,
}

internal static class SessionKinds
{
    public static bool IsTls13(this SessionKind kind) => kind is SessionKind.Tls13Handle or SessionKind.Tls13Ticket;

    public static bool IsStateful(this SessionKind kind) => kind is SessionKind.Tls12SessionId or SessionKind.Tls13Handle;

    /// <summary>A name of the profile that keeps sessions so.</summary>
    public static string Host(this SessionKind kind) => kind.IsStateful() ? EdgeSettings.Stateful : EdgeSettings.Stateless;

    public static string Version(this SessionKind kind) => kind.IsTls13() ? "1.3" : "1.2";

    /// <summary>What the node's report says was offered.</summary>
    public static string Offered(this SessionKind kind) => kind switch
    {
        SessionKind.Tls12SessionId => "session_id",
        SessionKind.Tls13Handle => "handle",
        _ => "ticket",
    };

    public static string Mode(this SessionKind kind) => kind.IsStateful() ? "stateful" : "stateless";
}

/// <summary>One connection, as both sides saw it.</summary>
/// <param name="Resumed">As the client saw it; null where it does not tell.</param>
/// <param name="Report">What the node said over the connection; null where this client asks nothing.</param>
internal sealed record PeerVisit(bool? Resumed, JsonElement? Report)
{
    public string? Text(string property) => Report?.GetProperty(property).GetString();
}
