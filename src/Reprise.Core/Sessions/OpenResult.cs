namespace Reprise.Core.Sessions;

/// <summary>What opening a stored value came to. Anything but <see cref="Opened"/> is a miss.</summary>
public enum OpenResult
{
    Opened,

    /// <summary>Too short, or not of a format that was ever written.</summary>
    Malformed,

    /// <summary>Written by a newer version.</summary>
    NewerFormat,

    /// <summary>Sealed under an epoch that this node does not have.</summary>
    UnknownEpoch,

    /// <summary>Its epoch's decrypt life is over.</summary>
    Retired,

    /// <summary>Sealed before a purge of its profile.</summary>
    Purged,

    /// <summary>Sealed after a purge that this node has not been told of yet.</summary>
    AheadOfPurge,

    /// <summary>The seal does not open: another scope, another handle, or changed bytes.</summary>
    Foreign,
}
