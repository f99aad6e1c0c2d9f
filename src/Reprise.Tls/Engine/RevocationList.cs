namespace Reprise.Tls;

/// <summary>A certificate revocation list in use.</summary>
/// <param name="Name">As <see cref="TlsFile.Name"/>.</param>
/// <param name="Issuer">Whose it is.</param>
/// <param name="NextUpdate">Past it OpenSSL refuses all that this issuer has signed; null: it has no end.</param>
public sealed record RevocationList(string Name, string Issuer, DateTimeOffset? NextUpdate);
