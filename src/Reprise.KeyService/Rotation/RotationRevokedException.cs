namespace Reprise.KeyService.Rotation;

/// <summary>The epoch that a rotation had staged was revoked before it was activated.</summary>
internal sealed class RotationRevokedException(long epoch) : Exception($"epoch {epoch} was revoked before it was activated");
