using Reprise.Core.Keys;

namespace Reprise.KeyProtocol.Wire;

/// <summary>A key ring as the key service sent it.</summary>
/// <param name="Ring">All that the service knows.</param>
/// <param name="KnowsFrom">The first epoch number of its memory; see <see cref="KeyRing.Adopt"/>.</param>
public sealed record KeyRingPush(KeyRing Ring, long KnowsFrom);
