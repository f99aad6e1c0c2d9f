using Reprise.Edge.Profiles;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.V1;

namespace Reprise.Edge.Explain;

/// <summary>
/// What this node would do with a session that is offered now. It decides by the keys, profiles and switches that handshakes use, and as they
/// do, but changes nothing: no handle is used up, no near cache filled, nothing counted but how the store answers, by its breaker. What it tells
/// is no secret of the session's.
/// </summary>
internal sealed class SessionExplainer(CurrentProfiles profiles, StoredSessionExplainer stored, TimeProvider time) : ISessionExplainer
{
    private const int LongestSession = ushort.MaxValue;
    private const int LongestId = 32;

    public async ValueTask<SessionExplanation> ExplainAsync(SessionOffer offer, CancellationToken cancellationToken)
    {
        var table = profiles.Table;
        var asked = offer.Profile.Length > 0 ? table.Named(offer.Profile)
            : offer.ServerName.Length > 0 ? table.Find(offer.ServerName.TrimEnd('.'))
            : null;
        if (asked is null && (offer.Profile.Length > 0 || offer.ServerName.Length > 0))
            return new SessionExplanation { NotServed = true };
        if (offer.Session.Length is 0 or > LongestSession)
            throw new InvalidDataException($"A session of {offer.Session.Length} bytes.");

        var question = new Question(table, asked, offer.Session.Memory, time.GetUtcNow());
        var isTicket = offer.Kind is SessionKind.Ticket || (offer.Kind is SessionKind.Unspecified && offer.Session.Length > LongestId);
        return isTicket ? TicketExplainer.Explain(question) : await stored.ExplainAsync(question, offer.Kind, cancellationToken);
    }
}
