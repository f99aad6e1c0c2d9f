using System.ComponentModel.DataAnnotations;

namespace Reprise.Edge.Profiles;

/// <summary>What a profile's connections may agree on. All of it is part of the scope: a change ends older sessions.</summary>
internal sealed class TlsOptions
{
    /// <summary>Oldest version: <c>1.2</c> or <c>1.3</c>. Default 1.2.</summary>
    [AllowedValues("1.2", "1.3")]
    public string MinimumVersion { get; set; } = "1.2";

    /// <summary>Newest version: <c>1.2</c> or <c>1.3</c>. Default 1.3.</summary>
    [AllowedValues("1.2", "1.3")]
    public string MaximumVersion { get; set; } = "1.3";

    /// <summary>
    /// Cipher suites of TLS 1.2 by preference, OpenSSL's names with colons between. Only those with forward secrecy and AEAD. Default:
    /// AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305, each with ECDHE and ECDSA or RSA. Clients that put ChaCha20 first get it.
    /// </summary>
    public string? CipherList { get; set; }

    /// <summary>The same of TLS 1.3. Default: TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256.</summary>
    public string? CipherSuites { get; set; }

    /// <summary>
    /// Key-exchange groups by preference, OpenSSL's names with colons between. Default: X25519MLKEM768 where the OpenSSL in use has it
    /// (3.5 and later), X25519, P-256, P-384. One named here that it does not have stops the start. In TLS 1.3 a group that the
    /// client has sent a key share for spares a round trip, and comes before others.
    /// </summary>
    public string? Groups { get; set; }

    /// <summary>
    /// ALPN protocols by preference. Default: h2, http/1.1, and none before a TCP upstream; <c>[]</c>: the extension is ignored. A client that offers others only is refused.
    /// </summary>
    public string[]? Alpn { get; set; } // of lists the binder makes nothing of an empty one
}
