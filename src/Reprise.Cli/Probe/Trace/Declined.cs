namespace Reprise.Cli.Probe.Trace;

/// <summary>Decline reasons (DESIGN §10) in words.</summary>
internal static class Declined
{
    public static string Explain(string? reason) => reason switch
    {
        null => "it gives no reason.",
        "unknown_key" => "unknown_key, it has no key that opens it; revoked, or never its own.",
        "retired" => "retired, the decrypt life of its key is over.",
        "expired" => "expired, it is too old.",
        "scope" => "scope, it was made for another profile, policy or server identity.",
        "ems" => "ems, it was made without extended master secret.",
        "cipher" => "cipher, its cipher suite is not among those offered now.",
        "spent" => "spent, a handle is good for once.",
        "store_miss" => "store_miss, the store does not hold it (any more).",
        "store_timeout" => "store_timeout, the store did not answer in time.",
        "store_error" => "store_error, the store could not be asked.",
        "policy" => "policy, the profile does not resume sessions of this kind.",
        "client_certificate" => "client_certificate, the certificate that the client showed would not be accepted now.",
        _ => $"{reason}.",
    };
}
