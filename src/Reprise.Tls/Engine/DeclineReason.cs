namespace Reprise.Tls;

/// <summary>Why a session that a client offered was not resumed (DESIGN §10). Each decline has exactly one.</summary>
public enum DeclineReason
{
    None,

    /// <summary>No key of this name, or the seal does not open: foreign, tampered or truncated.</summary>
    UnknownKey,

    /// <summary>Its epoch's decrypt life is over by its date. One that was revoked is unknown.</summary>
    Retired,

    /// <summary>Past its timeout or the profile's maximum age.</summary>
    Expired,

    /// <summary>Made for another profile, policy or server identity.</summary>
    Scope,

    /// <summary>Made without extended master secret, offered with it (RFC 7627 section 5.3).</summary>
    Ems,

    /// <summary>Its cipher suite or hash is not in this hello's common set.</summary>
    Cipher,

    /// <summary>A single-use handle was presented again, a short time after it was used. Later the store does not hold it.</summary>
    Spent,

    /// <summary>The store does not hold it.</summary>
    StoreMiss,

    /// <summary>The store did not answer within the lookup budget.</summary>
    StoreTimeout,

    /// <summary>The store answered with an error or could not be asked, or what it held does not open.</summary>
    StoreError,

    /// <summary>The profile does not resume this kind, or not in this way: another TLS version than the session's, or no psk_dhe_ke.</summary>
    Policy,

    /// <summary>The client's certificate would not be accepted now: expired, revoked, or of an authority that is no longer trusted.</summary>
    ClientCertificate,
}
