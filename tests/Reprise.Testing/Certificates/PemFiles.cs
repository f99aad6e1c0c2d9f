namespace Reprise.Testing;

/// <summary>Absolute paths of a certificate chain and its PKCS#8 key.</summary>
public sealed record PemFiles(string Chain, string Key);
