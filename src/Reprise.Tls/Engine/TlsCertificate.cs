namespace Reprise.Tls;

/// <summary>A certificate chain and its private key, PEM or one DER certificate's worth of PEM; held only while a context is made.</summary>
/// <param name="ChainPem">Leaf first, then intermediates.</param>
/// <param name="KeyPem">PKCS#8, SEC1 or PKCS#1, unencrypted.</param>
/// <param name="Name">What an error message calls it: a file name.</param>
public sealed record TlsCertificate(ReadOnlyMemory<byte> ChainPem, ReadOnlyMemory<byte> KeyPem, string Name)
{
    /// <summary>The name only: the key stays out of logs.</summary>
    public override string ToString() => Name;
}
