namespace Reprise.Core.Keys;

/// <summary>Where an epoch stands in its life; it only ever moves downwards.</summary>
public enum EpochState
{
    /// <summary>Distributed so that every node can open with it; nothing seals with it yet.</summary>
    Staged = 1,

    /// <summary>The one epoch that seals, from its activation time on.</summary>
    Active = 2,

    /// <summary>A successor is active. Seals until that one's activation time, then only opens what it has sealed.</summary>
    Retired = 3,

    /// <summary>Its secret is gone. Kept for its number and dates only.</summary>
    Destroyed = 4,
}
