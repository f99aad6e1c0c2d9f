namespace Reprise.Testing;

/// <summary>How a Redis speaks TLS; nothing else is spoken on its port.</summary>
/// <param name="Certificate">The server's own.</param>
/// <param name="Authority">PEM file of the CA that it, and that of its clients, is from.</param>
/// <param name="ClientCertificate">What clients have to show; null: they need none.</param>
public sealed record RedisTls(PemFiles Certificate, string Authority, PemFiles? ClientCertificate = null);
