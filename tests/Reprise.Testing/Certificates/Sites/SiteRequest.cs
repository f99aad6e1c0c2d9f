namespace Reprise.Testing.Sites;

public enum SiteKind
{
    EcdsaP256,
    Rsa2048,
    Rsa1024,
    Ed25519,
}

/// <summary>What a site's certificate is to say; as it stands, nothing is wrong with it.</summary>
public sealed record SiteRequest
{
    public SiteKind Kind { get; init; } = SiteKind.EcdsaP256;

    public IReadOnlyList<string> Hosts { get; init; } = ["site.test"];

    public DateTime NotBefore { get; init; } = DateTime.UtcNow.AddHours(-1);

    public DateTime NotAfter { get; init; } = DateTime.UtcNow.AddDays(90);

    /// <summary>RFC 7633: clients are to refuse it without an OCSP response.</summary>
    public bool MustStaple { get; init; }

    /// <summary>Where the issuer's certificate is to be had (RFC 5280 section 4.2.2.1).</summary>
    public string? CaIssuers { get; init; }

    /// <summary>For clients instead of for servers.</summary>
    public bool ForClients { get; init; }
}
