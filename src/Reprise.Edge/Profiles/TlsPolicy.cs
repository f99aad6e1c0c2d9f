using Reprise.Tls;

namespace Reprise.Edge.Profiles;

/// <summary>A profile's <see cref="TlsOptions"/>: what of them is allowed, and what they make of a context and a scope.</summary>
internal static class TlsPolicy
{
    private static readonly string[] Versions = ["1.2", "1.3"];

    // ECDHE and AEAD, and nothing else: DHE would want parameters of its own, CBC has been the way in too often (RFC 9325 section 4.2).
    private static readonly string[] Tls12Suites =
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ];

    private static readonly string[] Tls13Suites = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

    private static readonly string[] Groups =
        ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "X25519", "X448", "P-256", "P-384", "P-521"];

    public static void Validate(List<string> failures, string section, TlsOptions options)
    {
        section += ":Tls";
        RequireVersion(failures, $"{section}:MinimumVersion", options.MinimumVersion);
        RequireVersion(failures, $"{section}:MaximumVersion", options.MaximumVersion);
        if ((options.MinimumVersion, options.MaximumVersion) is ("1.3", "1.2"))
            failures.Add($"{section}:MinimumVersion is '1.3' while MaximumVersion is '1.2'; allowed: no newer one than that");
        RequireNames(failures, $"{section}:CipherList", options.CipherList, Tls12Suites);
        RequireNames(failures, $"{section}:CipherSuites", options.CipherSuites, Tls13Suites);
        if (RequireNames(failures, $"{section}:Groups", options.Groups, Groups))
            RequireUsable(failures, $"{section}:Groups", options.Groups!);
        ValidateAlpn(failures, $"{section}:Alpn", options.Alpn ?? []);
    }

    /// <summary>The options of a context with this policy.</summary>
    public static TlsProfileOptions Apply(TlsProfileOptions tls, TlsOptions options, bool isTunnel) => tls with
    {
        Tls12Enabled = options.MinimumVersion == "1.2",
        Tls13Enabled = options.MaximumVersion == "1.3",
        CipherList = options.CipherList ?? tls.CipherList,
        CipherSuites = options.CipherSuites ?? tls.CipherSuites,
        Groups = options.Groups ?? TlsGroups.Usable(TlsGroups.Preferred),
        Alpn = options.Alpn is { } alpn ? [.. alpn] : isTunnel ? [] : tls.Alpn,
    };

    /// <summary>All of it but ALPN, for the scope: the same on nodes whose OpenSSLs differ.</summary>
    public static string Describe(TlsProfileOptions tls, TlsOptions options) =>
        $"{tls.Tls12Enabled} {tls.Tls13Enabled} {tls.CipherList} {tls.CipherSuites} {options.Groups ?? TlsGroups.Preferred}";

    private static void RequireVersion(List<string> failures, string key, string value)
    {
        if (!Versions.Contains(value, StringComparer.Ordinal))
            failures.Add($"{key} is '{value}'; allowed: {string.Join(", ", Versions)}");
    }

    private static bool RequireNames(List<string> failures, string key, string? value, string[] allowed)
    {
        if (value is null)
            return false;
        var names = value.Split(':');
        var other = names.FirstOrDefault(name => !allowed.Contains(name, StringComparer.Ordinal));
        var twice = names.FirstOrDefault(name => names.Count(other => other == name) > 1);
        if (other is null && twice is null)
            return true;
        failures.Add(other is not null
            ? $"{key} is '{value}', of which '{other}' is not allowed; allowed, with colons between: {string.Join(", ", allowed)}"
            : $"{key} is '{value}', with '{twice}' twice; allowed: each once");
        return false;
    }

    private static void RequireUsable(List<string> failures, string key, string value)
    {
        if (value.Split(':').FirstOrDefault(name => !TlsGroups.IsUsable(name)) is { } missing)
            failures.Add($"{key} is '{value}', of which {OpenSslLibrary.Version} does not have '{missing}'; allowed here: {TlsGroups.Usable(string.Join(':', Groups))}");
    }

    private static void ValidateAlpn(List<string> failures, string key, string[] protocols)
    {
        for (var i = 0; i < protocols.Length; i++)
        {
            // RFC 7301 section 3.1: 1 to 255 bytes.
            if (protocols[i].Length is 0 or > 255 || protocols[i].Any(c => c is <= ' ' or > '~'))
                failures.Add($"{key}:{i} is '{protocols[i]}'; allowed: 1 to 255 printable ASCII characters, as h2 or http/1.1");
            else if (Array.IndexOf(protocols, protocols[i]) < i)
                failures.Add($"{key}:{i} is '{protocols[i]}', as {key}:{Array.IndexOf(protocols, protocols[i])} is; allowed: each once");
        }
    }
}
