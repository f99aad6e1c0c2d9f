namespace Reprise.SessionCache;

/// <summary>What <see cref="RedisCheck"/> found.</summary>
/// <param name="Fit">A master was asked, and none that could be asked is unfit.</param>
/// <param name="Unasked">Why one of the servers could not be asked; null: all were.</param>
/// <param name="Warnings">One line each, for the operator.</param>
internal sealed record RedisFindings(bool Fit, string? Unasked, IReadOnlyCollection<string> Warnings);
