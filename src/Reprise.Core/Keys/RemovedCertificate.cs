namespace Reprise.Core.Keys;

/// <summary>A certificate that is refused, because its node was removed.</summary>
/// <param name="Node">The name in it.</param>
/// <param name="Serial">Its serial number, in hexadecimal as .NET prints it.</param>
/// <param name="At">Since when.</param>
public sealed record RemovedCertificate(string Node, string Serial, DateTimeOffset At);
