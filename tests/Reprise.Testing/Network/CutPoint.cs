namespace Reprise.Testing;

internal sealed record CutPoint(RelayDirection Direction, long Bytes);
