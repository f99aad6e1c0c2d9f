using Reprise.Core.Sessions;
using Reprise.Tls;

namespace Reprise.Edge.Handshakes;

/// <summary>The reasons that follow from what a store has answered, or what it gave came to.</summary>
internal static class DeclineReasons
{
    /// <param name="none">Without a value.</param>
    public static DeclineReason Of(CacheAnswer none) =>
        none.IsLate ? DeclineReason.StoreTimeout
        : none.Faulted ? DeclineReason.StoreError
        : none.IsSpent ? DeclineReason.Spent : DeclineReason.StoreMiss;

    public static DeclineReason Of(OpenResult opened) => opened switch
    {
        OpenResult.Opened => DeclineReason.None,
        OpenResult.UnknownEpoch => DeclineReason.UnknownKey,
        OpenResult.Retired => DeclineReason.Retired,
        OpenResult.Foreign => DeclineReason.Scope,
        OpenResult.Purged or OpenResult.AheadOfPurge => DeclineReason.StoreMiss,
        _ => DeclineReason.StoreError,
    };
}
