namespace Reprise.Core.Keys;

/// <summary>An administrator's call that was carried out, so that it is not carried out twice.</summary>
/// <param name="Key">The idempotency key, of the caller's making.</param>
/// <param name="Caller">Whose key it is.</param>
/// <param name="Operation">What was asked for, with its arguments: another call under the same key is a mistake.</param>
/// <param name="Subject">What came of it: the number of an epoch, a purge or a switch.</param>
/// <param name="At">When.</param>
public sealed record Command(string Key, string Caller, string Operation, long Subject, DateTimeOffset At);
