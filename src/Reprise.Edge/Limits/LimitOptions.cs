namespace Reprise.Edge.Limits;

/// <summary>How much of everything clients may have of a node.</summary>
internal sealed class LimitOptions
{
    /// <summary>Connections at once, on all TLS listeners together; more wait in the kernel's backlog until others end. Default 0: no limit but that of descriptors.</summary>
    public int Connections { get; set; }

    /// <summary>Connections at once of one client address, or IPv6 /64; more are reset before TLS. Default 0: no limit.</summary>
    public int ConnectionsPerAddress { get; set; }

    /// <summary>New connections a second of one client address, or IPv6 /64, and as many at once after a pause; more are reset before TLS. Default 0: no limit.</summary>
    public int HandshakesPerSecondPerAddress { get; set; }

    /// <summary>Client addresses remembered for the two limits above, some 60 bytes each; those that find no room are not limited. Default 65,536.</summary>
    public int TrackedAddresses { get; set; } = 65_536;

    /// <summary>From the first byte of a request to the end of its headers; then the connection is closed. Default 30 s.</summary>
    public TimeSpan RequestHeadersTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public void Validate(List<string> failures, string section)
    {
        RequireCount(nameof(Connections), Connections);
        RequireCount(nameof(ConnectionsPerAddress), ConnectionsPerAddress);
        RequireCount(nameof(HandshakesPerSecondPerAddress), HandshakesPerSecondPerAddress);
        if (TrackedAddresses is < 1024 or > 16_777_216)
            failures.Add($"{section}:{nameof(TrackedAddresses)} is '{TrackedAddresses}'; allowed: 1024 to 16777216");
        if (RequestHeadersTimeout < TimeSpan.FromSeconds(1) || RequestHeadersTimeout > TimeSpan.FromMinutes(5))
            failures.Add($"{section}:{nameof(RequestHeadersTimeout)} is '{RequestHeadersTimeout}'; allowed: 00:00:01 to 00:05:00");

        void RequireCount(string key, int value)
        {
            if (value is < 0 or > 10_000_000)
                failures.Add($"{section}:{key} is '{value}'; allowed: 0 (no limit) to 10000000");
        }
    }
}
