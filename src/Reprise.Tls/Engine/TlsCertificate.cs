namespace Reprise.Tls;

/// <summary>A certificate chain and its private key; looked at only while a context is made.</summary>
/// <param name="ChainPem">Leaf first, then intermediates.</param>
/// <param name="Key">The leaf's; the caller disposes it when the context is made.</param>
/// <param name="Name">What an error message calls it: a file name.</param>
public sealed record TlsCertificate(ReadOnlyMemory<byte> ChainPem, TlsPrivateKey Key, string Name)
{
    /// <summary>The name only: the key stays out of logs.</summary>
    public override string ToString() => Name;
}
