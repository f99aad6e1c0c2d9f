using Google.Protobuf.WellKnownTypes;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyService.Explain;

/// <summary>What nodes say goes to operators' terminals, and a node may be in other hands.</summary>
internal static class ExplanationWire
{
    /// <summary>With names that are names, dates that are dates, and nothing that this version does not know.</summary>
    public static SessionExplanation Sound(this SessionExplanation said)
    {
        var sound = new SessionExplanation
        {
            Generation = said.Generation,
            Declined = IsReason(said.Declined) ? said.Declined : "unknown",
            NotServed = said.NotServed,
            OfferedTo = Name(said.OfferedTo),
            Kind = said.Kind,
            Profile = Name(said.Profile),
            ScopeTag = said.ScopeTag,
            Epoch = said.Epoch,
            EpochState = said.EpochState,
            OpenUntil = Date(said.OpenUntil),
            Issuer = Name(said.Issuer),
            OriginalHandshake = Date(said.OriginalHandshake),
            ExpiresAt = Date(said.ExpiresAt),
            TlsVersion = said.TlsVersion,
            CipherSuite = said.CipherSuite,
            ClientCertificate = said.ClientCertificate,
            StoredBytes = said.StoredBytes,
            Nearby = said.Nearby,
        };
        if (said.HasExtendedMasterSecret)
            sound.ExtendedMasterSecret = said.ExtendedMasterSecret;
        return sound;
    }

    // A reason of a later version is passed on too.
    private static bool IsReason(string text) => text.Length <= 32 && text.All(c => char.IsAsciiLetterLower(c) || c is '_');

    private static string Name(string name) => ProfileName.IsSound(name) ? name : "";

    private static Timestamp? Date(Timestamp? at) => at is { Seconds: >= 0 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 } ? at : null;
}
