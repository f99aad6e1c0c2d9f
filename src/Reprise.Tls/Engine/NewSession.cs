namespace Reprise.Tls;

/// <summary>A session to be stored.</summary>
/// <param name="Id">TLS 1.2 session ID or TLS 1.3 handle, 32 bytes.</param>
/// <param name="Der">As i2d_SSL_SESSION(3) writes it. Secret.</param>
/// <param name="TlsVersion">0x0303 or 0x0304.</param>
/// <param name="Lifetime">How long the client may present it.</param>
public readonly record struct NewSession(byte[] Id, byte[] Der, ushort TlsVersion, TimeSpan Lifetime);
