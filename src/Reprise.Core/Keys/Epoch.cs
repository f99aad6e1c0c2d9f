namespace Reprise.Core.Keys;

/// <summary>One generation of key material with its dates. Immutable; a change of state makes a new one.</summary>
/// <param name="Number">Grows with each epoch, also across a key service that lost its memory; never reused.</param>
/// <param name="State">As the key service sees it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ActivatesAt">When it begins to seal; null while staged. Every node switches by this time on its own clock.</param>
/// <param name="SealUntil">Seals nothing from here on; null while staged.</param>
/// <param name="OpenUntil">
/// Opens nothing from here on (end of its decrypt life). Staged epochs have one too, so that a node which loses its key
/// service right after staging does not hold the secret for ever. Null only where none is known: then it never ends.
/// </param>
/// <param name="Secret">What everything is derived from; null once destroyed.</param>
/// <param name="Condemned">Revoked while active: goes on only until its successor takes over, which destroys it.</param>
public sealed record Epoch(
    long Number,
    EpochState State,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ActivatesAt,
    DateTimeOffset? SealUntil,
    DateTimeOffset? OpenUntil,
    EpochSecret? Secret,
    bool Condemned = false)
{
    /// <summary>Whether it may seal at this moment.</summary>
    public bool Seals(DateTimeOffset now) =>
        State is EpochState.Active or EpochState.Retired && Secret is not null && ActivatesAt <= now && now < SealUntil;

    /// <summary>
    /// Whether it may open at this moment. A staged epoch opens: a node with a faster clock may seal with it first.
    /// </summary>
    public bool Opens(DateTimeOffset now) =>
        State is not EpochState.Destroyed && Secret is not null && (OpenUntil is not { } until || now < until);

    /// <summary>
    /// For how long, at most, the secret opens something that was sealed under it: from the first sealing to the end of what is sealed
    /// last. Zero where it has not sealed yet, or is destroyed. (What was recorded of TLS 1.2 connections that it resumed can be read for ever.)
    /// </summary>
    /// <param name="ticketLife">How long anything is good for that is sealed; null: to the end of the epoch.</param>
    public TimeSpan Exposure(TimeSpan? ticketLife = null)
    {
        if (Secret is null || ActivatesAt is not { } from || SealUntil is not { } until || OpenUntil is not { } end)
            return TimeSpan.Zero;
        var last = ticketLife is { } life && until + life < end ? until + life : end;
        return last > from ? last - from : TimeSpan.Zero;
    }

    /// <summary>Whether its decrypt life has ended by its own date; one that was revoked before may be destroyed without that.</summary>
    public bool IsPast(DateTimeOffset now) => OpenUntil <= now;
}
