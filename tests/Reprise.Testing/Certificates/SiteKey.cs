namespace Reprise.Testing;

public enum SiteKey
{
    EcdsaP256,
    Rsa2048,
}
