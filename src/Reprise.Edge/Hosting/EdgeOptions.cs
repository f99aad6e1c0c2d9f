using System.ComponentModel.DataAnnotations;
using Reprise.Edge.Limits;

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

    /// <summary>Where requests in plain HTTP/1.1 are answered with a redirect to HTTPS, and nothing else is: <c>IP:PORT</c> each. Default none.</summary>
    public IList<string> HttpRedirect { get; set; } = [];

    /// <summary>The port that the redirect names: where clients reach the TLS listener. Default 443.</summary>
    public int HttpsPort { get; set; } = 443;

    /// <summary>Health and metrics in plain HTTP: <c>IP:PORT</c>. Says nothing secret, but is open to whoever reaches it. Default 127.0.0.1:9080.</summary>
    public string Management { get; set; } = "127.0.0.1:9080";

    /// <summary>Serves <c>/.well-known/reprise/handshake</c> on every profile: each client sees how its own connection came about. Default false.</summary>
    public bool Diagnostics { get; set; }

    /// <summary>
    /// Lines a second in the log, of each reason, about sessions that were offered and not resumed; what is passed over is counted in the next
    /// line, and all of it in <c>reprise_declines_total</c>. Default 1; 0: none.
    /// </summary>
    [Range(0, 100)]
    public int DeclinesLoggedPerSecond { get; set; } = 1;

    /// <summary>Written when all listens, with the addresses; deleted at a clean stop. Default none.</summary>
    public string? ReadyFile { get; set; }

    /// <summary>At a stop: how long requests and handshakes under way may still take. Default 10 s; at most 10 minutes.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>At a signal to stop: how long it still accepts while it is not ready any more, for load balancers to notice. Default 0.</summary>
    public TimeSpan DrainDelay { get; set; }

    /// <summary>Whose PROXY headers are believed, on listeners that take them.</summary>
    public ProxyProtocolOptions ProxyProtocol { get; set; } = new();

    /// <summary>How much of everything clients may have.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>
    /// Restarts without a gap: a process that starts takes the listening sockets from the one that is found at this path, a socket of
    /// unix(7), and that one stops once this one serves. The directory must be this user's alone. Default none.
    /// </summary>
    public string? TakeOverSocket { get; set; }

    /// <summary>
    /// Whether another process of this user may listen on the same addresses. Connects that wait for one of them are lost when it ends,
    /// unless net.ipv4.tcp_migrate_req is 1; <see cref="TakeOverSocket"/> loses none. Default false.
    /// </summary>
    public bool SharePorts { get; set; }

    /// <summary>
    /// How often this file and those that profiles name are looked at; a change is taken up once it has been left alone for as long. Default
    /// 2 s; at most 1 h; 0: on SIGHUP only.
    /// </summary>
    public TimeSpan ReloadInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Event loops that terminate TLS, each a thread. Default 0: one per core.</summary>
    [Range(0, 256)]
    public int Loops { get; set; }
}
