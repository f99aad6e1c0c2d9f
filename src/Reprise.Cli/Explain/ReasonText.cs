namespace Reprise.Cli.Explain;

/// <summary>The decline reasons in a few words; the README says more.</summary>
internal static class ReasonText
{
    public static string Of(string reason) => reason switch
    {
        "unknown_key" => "no key of this profile opens it: foreign, tampered with, made for another, or revoked",
        "retired" => "the decrypt life of its epoch is over",
        "expired" => "its time is over",
        "scope" => "it was made for another profile, policy or server certificate",
        "ems" => "it was made without extended master secret",
        "cipher" => "its cipher suite's hash is another",
        "spent" => "it was to be used once, and has been",
        "store_miss" => "the store does not hold it: used, expired, evicted, purged, or never stored",
        "store_timeout" => "the store has not answered in time",
        "store_error" => "the store cannot be asked, or what it holds is damaged",
        "policy" => "the profile does not resume this kind",
        "client_certificate" => "the profile wants a client certificate, and it was made without",
        _ => "",
    };
}
