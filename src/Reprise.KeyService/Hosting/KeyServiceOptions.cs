namespace Reprise.KeyService.Hosting;

/// <summary>Who this key service is and where it listens.</summary>
internal sealed class KeyServiceOptions
{
    public const string SectionName = "KeyService";

    /// <summary>This service's name, as in its certificate's URI SAN <c>spiffe://reprise/keyservice/NAME</c>. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where nodes and operators connect: <c>IP:PORT</c>; port 0 takes a free one. Default 127.0.0.1:7001.</summary>
    public string Grpc { get; set; } = "127.0.0.1:7001";

    /// <summary>
    /// Health and metrics in plain HTTP: <c>IP:PORT</c>; port 0 takes a free one. Says nothing secret, but is open to
    /// whoever reaches it. Default 127.0.0.1:7002.
    /// </summary>
    public string Management { get; set; } = "127.0.0.1:7002";

    /// <summary>Written when all listens, with the addresses; deleted at a clean stop. Default none.</summary>
    public string? ReadyFile { get; set; }

    /// <summary>PEM file of the only CA that callers may be certified by. Required.</summary>
    public string Authority { get; set; } = "";

    /// <summary>PEM file of this service's certificate. Required.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>PEM file of its private key, unencrypted. Required.</summary>
    public string Key { get; set; } = "";
}
