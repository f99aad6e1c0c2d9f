namespace Reprise.Tls;

/// <summary>How connections of one profile are terminated. Immutable; a change makes a new <see cref="TlsProfile"/>.</summary>
public sealed record TlsProfileOptions
{
    public required string Name { get; init; }

    /// <summary>One per key type at most; OpenSSL picks what the client can verify.</summary>
    public required IReadOnlyList<TlsCertificate> Certificates { get; init; }

    /// <summary>Session-id context, 32 bytes: sessions of another one are not resumed (SSL_set_session_id_context(3)).</summary>
    public required ReadOnlyMemory<byte> SessionIdContext { get; init; }

    /// <summary>ALPN protocols by preference; empty: the extension is ignored.</summary>
    public IReadOnlyList<string> Alpn { get; init; } = ["h2", "http/1.1"];

    /// <summary>Whether TLS 1.3 is offered beside TLS 1.2.</summary>
    public bool Tls13Enabled { get; init; } = true;

    /// <summary>Whether TLS 1.2 is offered.</summary>
    public bool Tls12Enabled { get; init; } = true;

    /// <summary>Cipher list of TLS 1.2 in OpenSSL's words. Forward secret AEAD only.</summary>
    public string CipherList { get; init; } =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
        "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    /// <summary>Cipher suites of TLS 1.3 in OpenSSL's words.</summary>
    public string CipherSuites { get; init; } = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

    /// <summary>Key-exchange groups by preference in OpenSSL's words.</summary>
    public string Groups { get; init; } = "X25519:P-256:P-384";

    /// <summary>TLS 1.2 session IDs and TLS 1.3 handles are issued and looked up; see <see cref="TlsProfile.Resumption"/>.</summary>
    public bool Stateful { get; init; }

    /// <summary>Tickets are issued and opened; see <see cref="TlsProfile.Resumption"/>.</summary>
    public bool Stateless { get; init; }

    /// <summary>Null: clients are not asked for certificates.</summary>
    public TlsClientAuth? ClientAuth { get; init; }

    /// <summary>
    /// With <see cref="ClientAuth"/>: whether sessions are issued and resumed at all. If so, the client's chain goes with the session and is
    /// verified again at each resumption, by the authorities and lists of that moment.
    /// </summary>
    public bool ResumeAuthenticatedClients { get; init; }

    /// <summary>What TLS 1.3 clients get. Offered sessions of the other kind still resume while their switch is on.</summary>
    public Tls13ResumptionMode Tls13 { get; init; } = Tls13ResumptionMode.Stateless;

    /// <summary>NewSessionTicket messages after a full TLS 1.3 handshake; a resumed one always gets one.</summary>
    public int TicketsPerHandshake { get; init; } = 2;

    /// <summary>How long a handshake waits for the session store before it goes on as a full one.</summary>
    public TimeSpan LookupBudget { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the flight that tells a client of its session waits until the session is stored.</summary>
    public TimeSpan StoreBudget { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// For protocols other than HTTP: a connection goes to the application once it is established, not with its first bytes (in
    /// some protocols the server speaks first), and either direction ends without the other. Default false.
    /// </summary>
    public bool Tunnel { get; init; }

    /// <summary>Time from accept to the end of the handshake; checked to the second.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time without progress before the first request, or with output that the client does not take.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(120);
}
