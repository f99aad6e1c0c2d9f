namespace Reprise.Edge.Hosting;

/// <summary>Who this node is and where it listens.</summary>
internal sealed class EdgeOptions
{
    public const string SectionName = "Edge";

    /// <summary>This node's name, as in its certificate's URI SAN <c>spiffe://reprise/edge/NAME</c>. Required.</summary>
    public string Node { get; set; } = "";

    /// <summary>Where clients connect with TLS, for all profiles: <c>IP:PORT</c> each; port 0 takes a free one. Here or in <see cref="Listeners"/> at least one.</summary>
    public IList<string> Listen { get; set; } = [];

    /// <summary>Further addresses, by name, each with settings of its own. Default none.</summary>
    public IDictionary<string, ListenerOptions> Listeners { get; set; } = new Dictionary<string, ListenerOptions>();

    /// <summary>Health and metrics in plain HTTP: <c>IP:PORT</c>. Says nothing secret, but is open to whoever reaches it. Default 127.0.0.1:9080.</summary>
    public string Management { get; set; } = "127.0.0.1:9080";

    /// <summary>Serves <c>/.well-known/reprise/handshake</c> on every profile: each client sees how its own connection came about. Default false.</summary>
    public bool Diagnostics { get; set; }

    /// <summary>Written when all listens, with the addresses; deleted at a clean stop. Default none.</summary>
    public string? ReadyFile { get; set; }

    /// <summary>At a stop: how long requests and handshakes under way may still take. Default 10 s; at most 10 minutes.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Event loops that terminate TLS, each a thread. Default 0: one per core.</summary>
    public int Loops { get; set; }
}
