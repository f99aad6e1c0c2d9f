using Reprise.Tls;

namespace Reprise.Edge.Certificates;

/// <summary>A profile's certificate as read from its files and checked.</summary>
internal sealed class SiteCertificate : IDisposable
{
    /// <summary>For the context; its key is gone once this is disposed.</summary>
    public required TlsCertificate Tls { get; init; }

    /// <summary>SHA-256 of the leaf's SubjectPublicKeyInfo.</summary>
    public required byte[] KeyHash { get; init; }

    public required CertificateFacts Facts { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Tls.Key.Dispose();
}
