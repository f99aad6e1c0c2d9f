namespace Reprise.Tls;

/// <summary>The reasons as metrics, logs and the handshake endpoint spell them.</summary>
public static class DeclineReasonNames
{
    /// <summary>Null for <see cref="DeclineReason.None"/>.</summary>
    public static string? ToName(this DeclineReason reason) => reason switch
    {
        DeclineReason.None => null,
        DeclineReason.UnknownKey => "unknown_key",
        DeclineReason.Retired => "retired",
        DeclineReason.Expired => "expired",
        DeclineReason.Scope => "scope",
        DeclineReason.Ems => "ems",
        DeclineReason.Cipher => "cipher",
        DeclineReason.Spent => "spent",
        DeclineReason.StoreMiss => "store_miss",
        DeclineReason.StoreTimeout => "store_timeout",
        DeclineReason.StoreError => "store_error",
        DeclineReason.Policy => "policy",
        DeclineReason.ClientCertificate => "client_certificate",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
