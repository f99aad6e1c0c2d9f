namespace Reprise.KeyService.Dashboard;

/// <summary>The page for operators. Off unless it is told where to listen.</summary>
internal sealed class DashboardOptions
{
    public const string SectionName = "Dashboard";

    /// <summary>Where browsers connect, by https only: <c>IP:PORT</c>; port 0 takes a free one. Default empty: there is no dashboard.</summary>
    public string Listen { get; set; } = "";

    /// <summary>
    /// File with the token that signs an operator in who shows no admin's certificate: 32 to 512 printable ASCII characters without
    /// spaces. Whoever has it may rotate and revoke. Read again when it has changed, which ends all sessions of the former one.
    /// Default none: only admins' certificates are let in.
    /// </summary>
    public string? TokenFile { get; set; }

    /// <summary>PEM file of the certificate that browsers are shown, with its intermediates. Read again when it has changed. Default: that of the key service.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of its private key, unencrypted. Needed with <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }
}
