using Google.Protobuf.WellKnownTypes;
using Reprise.Core.Sessions;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.Tls;
using Epoch = Reprise.Core.Keys.Epoch;

namespace Reprise.Edge.Explain;

/// <summary>What tickets and stored sessions have in common, once they are open.</summary>
internal static class Explanations
{
    public static void Describe(this SessionExplanation said, EdgeProfile owner, Epoch epoch)
    {
        said.Profile = owner.Name;
        said.ScopeTag = owner.Scope.Tag;
        said.Epoch = epoch.Number;
        said.Describe(epoch);
    }

    public static void Describe(this SessionExplanation said, Epoch epoch)
    {
        said.EpochState = epoch.State.ToWire();
        said.OpenUntil = epoch.OpenUntil?.ToTimestamp();
    }

    public static void Describe(this SessionExplanation said, SessionFacts facts, SessionMetadata metadata, EdgeProfile owner)
    {
        said.Issuer = metadata.Issuer;
        said.OriginalHandshake = metadata.OriginalHandshake.ToTimestamp();
        said.TlsVersion = facts.TlsVersion;
        said.CipherSuite = facts.CipherSuite;
        if (facts.TlsVersion == 0x0303)
            said.ExtendedMasterSecret = facts.ExtendedMasterSecret;
        said.ClientCertificate = facts.HasPeer;
        DateTimeOffset[] ends =
        [
            facts.MadeAt + facts.Timeout, metadata.OriginalHandshake + owner.Options.Resumption.MaxSessionAge, said.OpenUntil?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue,
        ];
        said.ExpiresAt = ends.Min().ToTimestamp();
    }

    /// <summary>As ServerConnection.WhyNot and WhyNotClient, and EdgeHandshakePolicy.Accept, but for the client's certificate: that is not verified.</summary>
    public static DeclineReason WhyNot(this EdgeProfile profile, SessionFacts facts, SessionMetadata metadata, DateTimeOffset now)
    {
        var options = profile.Tls.Options;
        if (!facts.SessionIdContext.Span.SequenceEqual(options.SessionIdContext.Span))
            return DeclineReason.Scope;
        if (!(facts.TlsVersion == 0x0304 ? options.Tls13Enabled : options.Tls12Enabled))
            return DeclineReason.Policy;
        if (now.ToUnixTimeSeconds() > (facts.MadeAt + facts.Timeout).ToUnixTimeSeconds() || metadata.AgeAt(now) > profile.Options.Resumption.MaxSessionAge)
            return DeclineReason.Expired;
        var required = options.ClientAuth?.Mode ?? ClientAuthMode.None;
        return facts.HasPeer && required is ClientAuthMode.None ? DeclineReason.Scope
            : !facts.HasPeer && required is ClientAuthMode.Required ? DeclineReason.ClientCertificate
            : DeclineReason.None;
    }
}
