using System.ComponentModel.DataAnnotations;
using Reprise.Edge.Certificates;
using Reprise.Edge.ClientAuthentication;
using Reprise.Edge.Upstreams;
using Reprise.Tls;

namespace Reprise.Edge.Profiles;

/// <summary>What F5 calls a Client SSL profile: for these hosts, this identity, this policy, this upstream.</summary>
internal sealed class ProfileOptions
{
    public const string SectionName = "Profiles";

    /// <summary>
    /// Exact names and wildcards of one label (<c>*.shop.example</c>), as a client's SNI. Empty: the default profile, for all
    /// other names and for none; there may be one.
    /// </summary>
    [RegularExpression(@"^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$")]
    public IList<string> Hosts { get; set; } = [];

    /// <summary>One per key type (ECDSA, RSA, Ed25519); a client gets one that it can verify. All nodes need the same keys for sessions to resume across them.</summary>
    public IList<CertificateOptions> Certificates { get; set; } = [];

    public TlsOptions Tls { get; set; } = new();

    public ResumptionOptions Resumption { get; set; } = new();

    public ClientAuthOptions ClientAuth { get; set; } = new();

    public UpstreamOptions Upstream { get; set; } = new();

    /// <summary>Time from accept to the end of the handshake. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time a connection may wait for its first request, or for the client to take what was sent. Default 2 min.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Makes all paths absolute. What is asked here is what a reload watches.</summary>
    public void Resolve(Func<string, string> resolve)
    {
        foreach (var certificate in Certificates)
            certificate.Resolve(resolve);
        ClientAuth.Resolve(resolve);
    }

    internal sealed class ResumptionOptions
    {
        /// <summary>Sessions are kept in the shared store. Default true.</summary>
        public bool Stateful { get; set; } = true;

        /// <summary>Sessions travel in tickets. Default true.</summary>
        public bool Stateless { get; set; } = true;

        /// <summary>
        /// What TLS 1.3 clients get. Default: Stateless where that is on, else Stateful where that is, else None. While operators have
        /// switched off the kind that is named here, clients get the other one, if that is on; with None they never get any.
        /// </summary>
        public Tls13ResumptionMode? Tls13 { get; set; }

        public Tls13ResumptionMode EffectiveTls13 => Tls13
            ?? (Stateless ? Tls13ResumptionMode.Stateless : Stateful ? Tls13ResumptionMode.Stateful : Tls13ResumptionMode.None);

        /// <summary>
        /// With <see cref="ClientAuth"/>: sessions resume too, with the client's chain in them, which is verified again each time. Default
        /// false: nothing is issued, nothing resumes.
        /// </summary>
        public bool ResumeAuthenticatedClients { get; set; }

        /// <summary>How long a session or ticket may be presented after it was issued. Default 1 h; at most 7 days.</summary>
        public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromHours(1);

        /// <summary>Age of the full handshake past which no renewal resumes. Default 1 day.</summary>
        public TimeSpan MaxSessionAge { get; set; } = TimeSpan.FromDays(1);

        /// <summary>
        /// TLS 1.2 sessions of this profile that each node keeps in memory besides; 0: none. Default: what <c>Sessions</c> says.
        /// </summary>
        [Range(0, 10_000_000)]
        public int? NearCacheEntries { get; set; }

        /// <summary>How long such a copy is used before the store is asked again. Default: what <c>Sessions</c> says.</summary>
        public TimeSpan? NearCacheAge { get; set; }

        /// <summary>TLS 1.3 tickets after a full handshake. Default 2: for clients that open connections in parallel.</summary>
        [Range(0, 8)]
        public int TicketsPerHandshake { get; set; } = 2;

        /// <summary>Raise it on all nodes to end all older sessions of the profile at once. Default 0.</summary>
        public long PolicyGeneration { get; set; }
    }
}
