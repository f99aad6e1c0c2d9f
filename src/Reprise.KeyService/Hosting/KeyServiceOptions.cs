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

    /// <summary>
    /// <c>HOST:PORT</c> at which other key services reach this one, to pass on what only the one that leads may do. Default: as
    /// <see cref="Grpc"/>, which must then name an address of this machine's own.
    /// </summary>
    public string? Advertise { get; set; }

    /// <summary>
    /// File with 32 random bytes in base64: what is stored is sealed under it. The same for all key services, and in no place where the
    /// store's contents are. Required with <c>Store:Redis</c>. Read again when it has changed.
    /// </summary>
    public string? KeyEncryptionKeyFile { get; set; }

    /// <summary>
    /// A second such file, which opens and does not seal. To replace the key with no interruption: give all key services the new one here;
    /// then change places on all; then take the older one away. Default none.
    /// </summary>
    public string? OlderKeyEncryptionKeyFile { get; set; }
}
