namespace Reprise.Cli.Certs;

/// <summary>Who is in the cluster, as the certificates name it.</summary>
internal sealed record PkiRequest
{
    public int Edges { get; init; } = 3;

    public int KeyServices { get; init; } = 2;

    /// <summary>Host names and addresses that the site certificate answers for besides the demo ones.</summary>
    public IReadOnlyList<string> SiteHosts { get; init; } = [];

    /// <summary>Host names and addresses under which nodes reach a key service besides the usual ones.</summary>
    public IReadOnlyList<string> KeyServiceHosts { get; init; } = [];
}
