using Reprise.Tls;

namespace Reprise.Edge.Certificates;

/// <summary>What is kept of a certificate that is in service.</summary>
internal sealed record CertificateFacts
{
    /// <summary>Its key in the configuration, as <c>Profiles:shop:Certificates:0</c>.</summary>
    public required string Section { get; init; }

    /// <summary><c>ECDSA</c>, <c>RSA</c>, <c>RSA-PSS</c>, <c>Ed25519</c> or <c>Ed448</c>.</summary>
    public required string KeyType { get; init; }

    /// <summary>The latest notBefore of its chain.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>The earliest notAfter of its chain: from then on clients refuse it.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The OCSP response that goes with it, also after its end; null: none is configured.</summary>
    public OcspStaple? Staple { get; init; }

    /// <summary>What an operator should look at, though it is no reason not to start; one line each, with key and value.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
