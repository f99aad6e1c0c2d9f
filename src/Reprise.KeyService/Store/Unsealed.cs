namespace Reprise.KeyService.Store;

/// <summary>What came of opening a <see cref="SealedValue"/>.</summary>
internal enum Unsealed
{
    Opened,

    /// <summary>Too short to be one.</summary>
    Truncated,

    /// <summary>Of a format that this version does not know: a later one has written it.</summary>
    UnknownFormat,

    /// <summary>Sealed under a key that this process has not.</summary>
    UnknownKey,

    /// <summary>Changed, or not what was stored under this name.</summary>
    Tampered,
}
