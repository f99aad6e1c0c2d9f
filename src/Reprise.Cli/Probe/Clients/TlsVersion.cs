namespace Reprise.Cli.Probe.Clients;

/// <summary>The versions that Reprise speaks.</summary>
internal enum TlsVersion
{
    Tls12,
    Tls13,
}

internal static class TlsVersionNames
{
    /// <summary>As <c>--tls</c> spells it.</summary>
    public static string ToName(this TlsVersion version) => version == TlsVersion.Tls12 ? "1.2" : "1.3";
}
