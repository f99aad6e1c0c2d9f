namespace Reprise.Tls.Client.Recording;

/// <summary>Bytes as one read or write of the socket passed them.</summary>
/// <param name="Direction">Which way.</param>
/// <param name="At">Time since the TCP connection stood.</param>
/// <param name="Bytes">TLS records, or parts of them.</param>
public sealed record WireChunk(WireDirection Direction, TimeSpan At, ReadOnlyMemory<byte> Bytes);
