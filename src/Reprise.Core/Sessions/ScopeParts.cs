namespace Reprise.Core.Sessions;

/// <summary>What goes into a <see cref="Scope"/> (DESIGN §4).</summary>
public sealed record ScopeParts
{
    /// <summary>The profile's name.</summary>
    public required string Profile { get; init; }

    /// <summary>Raised by operators to end all older sessions of the profile.</summary>
    public long PolicyGeneration { get; init; }

    /// <summary>SHA-256 of each server certificate's SubjectPublicKeyInfo, in any order.</summary>
    public required IReadOnlyCollection<byte[]> ServerKeys { get; init; }

    /// <summary>Host patterns of the profile, in any order; empty for the default profile.</summary>
    public required IReadOnlyCollection<string> Hosts { get; init; }

    /// <summary>Client authentication mode.</summary>
    public string ClientAuth { get; init; } = "None";

    /// <summary>SHA-256 of each client CA certificate, in any order.</summary>
    public IReadOnlyCollection<byte[]> ClientAuthorities { get; init; } = [];

    /// <summary>Protocols by preference; order matters.</summary>
    public required IReadOnlyCollection<string> Alpn { get; init; }

    /// <summary>Versions, cipher suites and groups as one canonical string.</summary>
    public required string TlsPolicy { get; init; }
}
