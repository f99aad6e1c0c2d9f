using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.X509;

namespace Reprise.Cli.Certs;

/// <summary>A new certificate and its private key; <c>ToString()</c> names it only.</summary>
internal sealed class IssuedCertificate(string name, X509Certificate certificate, AsymmetricKeyParameter key)
{
    public string Name { get; } = name;

    public X509Certificate Certificate { get; } = certificate;

    public AsymmetricKeyParameter Key { get; } = key;

    public override string ToString() => Name;
}
