namespace Reprise.Tls;

/// <summary>What a lookup found: a session in DER (i2d_SSL_SESSION(3)) with the policy's own state, or a reason why not.</summary>
public readonly record struct FoundSession(byte[]? Der, object? State, DeclineReason Reason)
{
    public static FoundSession Declined(DeclineReason reason) => new(null, null, reason);
}
