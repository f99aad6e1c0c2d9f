namespace Reprise.KeyService.Dashboard.Actions;

/// <summary>Rotate.</summary>
internal sealed record RotateBody;

/// <summary>Revoke an epoch.</summary>
/// <param name="Epoch">Its number.</param>
/// <param name="PurgeSessions">Whether to end stored sessions too.</param>
/// <param name="Confirm">The number again, as somebody has typed it.</param>
internal sealed record RevokeBody(long Epoch, bool PurgeSessions = false, string? Confirm = null);

/// <summary>Switch the resumption of a profile; null leaves one of both as it is.</summary>
internal sealed record SwitchBody(string Profile, bool? Stateful = null, bool? Stateless = null);

/// <summary>Purge the stored sessions of a profile, or of all.</summary>
/// <param name="Profile">Which one; null for all.</param>
/// <param name="All">All of them.</param>
/// <param name="Confirm">"all", as somebody has typed it; for all only.</param>
internal sealed record PurgeBody(string? Profile = null, bool All = false, string? Confirm = null);
