namespace Reprise.Cli.Explain;

/// <summary>The decline reasons in a few words; the README says more.</summary>
internal static class ReasonText
{
    /// <returns>Empty for one of a later version.</returns>
    public static string Of(string reason) => reason switch
    {
        "unknown_key" => "no key of this profile opens it: foreign, tampered with, made for another, or revoked",
        "retired" => "the decrypt life of its key is over",
        "expired" => "its time is over",
        "scope" => "it was made for another profile, policy or server certificate",
        "ems" => "it was made without extended master secret",
        "cipher" => "its cipher suite has another hash than the one agreed on now",
        "spent" => "a handle is good for one use, and has had it",
        "store_miss" => "the store does not hold it: used, expired, evicted, purged, or never stored",
        "store_timeout" => "the store did not answer in time",
        "store_error" => "the store cannot be asked, or what it holds is damaged",
        "policy" => "the profile does not resume this kind",
        "client_certificate" => "the client's certificate would not be accepted now, or it showed none where one is required",
        _ => "",
    };
}
