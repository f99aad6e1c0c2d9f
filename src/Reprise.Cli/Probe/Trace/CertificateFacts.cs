namespace Reprise.Cli.Probe.Trace;

/// <param name="Count">Certificates in the chain, as sent.</param>
/// <param name="Bytes">Of all of them, DER.</param>
internal sealed record CertificateFacts(int Count, int Bytes);
