namespace Reprise.Tls;

/// <summary>An OCSP response that goes with a certificate (RFC 6066 section 8, RFC 8446 section 4.4.2.1).</summary>
/// <param name="Response">OCSPResponse in DER; not checked here.</param>
/// <param name="Since">Its thisUpdate.</param>
/// <param name="Until">Its nextUpdate: from then on it is not sent any more.</param>
public sealed record OcspStaple(ReadOnlyMemory<byte> Response, DateTimeOffset Since, DateTimeOffset Until);
