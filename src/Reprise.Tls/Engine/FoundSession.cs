namespace Reprise.Tls;

/// <summary>What a lookup found: a session in DER (i2d_SSL_SESSION(3)) with the policy's own state, or a reason why not.</summary>
/// <param name="Der">Secret.</param>
/// <param name="State">Becomes <see cref="Handshake.SessionState"/>.</param>
/// <param name="Reason">Why there is none.</param>
/// <param name="ClientRest">Becomes <see cref="Handshake.OfferedClientRest"/>.</param>
public readonly record struct FoundSession(byte[]? Der, object? State, DeclineReason Reason, ReadOnlyMemory<byte> ClientRest = default)
{
    public static FoundSession Declined(DeclineReason reason) => new(null, null, reason);
}
