namespace Reprise.Edge.Tests.Scopes;

/// <summary>A way to keep a session: each version by each mode.</summary>
/// <param name="Version">"1.2" or "1.3".</param>
/// <param name="Mode">As nodes call it.</param>
internal sealed record SessionKind(string Version, string Mode)
{
    public static IReadOnlyList<SessionKind> All { get; } = [new("1.2", "stateful"), new("1.2", "stateless"), new("1.3", "stateful"), new("1.3", "stateless")];

    /// <summary>TLS 1.2: the client has no tickets, so it gets a session ID.</summary>
    public bool NoTicket => this is { Version: "1.2", Mode: "stateful" };

    public static SessionKind Parse(string text) => All.Single(kind => kind.ToString() == text);

    public override string ToString() => $"{Version} {Mode}";
}
