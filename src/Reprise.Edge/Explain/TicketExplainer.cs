using System.Security.Cryptography;
using Reprise.Core.Sessions;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol.V1;
using Reprise.Tls;
using Epoch = Reprise.Core.Keys.Epoch;

namespace Reprise.Edge.Explain;

/// <summary>Tickets: whose key they are under, what is in them, and what would come of them.</summary>
internal static class TicketExplainer
{
    public static SessionExplanation Explain(Question question)
    {
        var said = new SessionExplanation { Kind = SessionKind.Ticket };
        var (owner, epoch) = FindOwner(question);
        if (owner is not null)
            said.Describe(owner, epoch!);
        var target = question.Asked ?? owner;
        said.OfferedTo = target?.Name ?? "";
        said.Declined = WhyNot(said, owner, target, question).ToName() ?? "";
        return said;
    }

    // A handshake would look at the keys of one profile. Here there is time for all of them.
    private static (EdgeProfile? Owner, Epoch? Epoch) FindOwner(Question question)
    {
        if (question.Session.Length < TicketKey.NameLength)
            return default;
        var name = question.Session.Span[..TicketKey.NameLength];
        foreach (var profile in question.Table.All)
        {
            if (profile.Keys?.Ring is { } ring && (ring.FindName(name)?.Epoch ?? ring.FindDestroyed(name)) is { } epoch)
                return (profile, epoch);
        }

        return default;
    }

    // Step by step as ServerConnection.PlanTls12 or PlanTls13, OnTicketKey and OnTicketOpened.
    private static DeclineReason WhyNot(SessionExplanation said, EdgeProfile? owner, EdgeProfile? target, Question question)
    {
        var why = DeclineReason.UnknownKey;
        var opened = owner is null ? null : Open(owner, question, out why);
        try
        {
            var (facts, state) = (default(SessionFacts), default(TicketState));
            var ours = opened is not null && SessionFacts.TryRead(opened, out facts) && TicketState.TryParse(facts.ApplicationData.Span, out state);
            if (ours)
                said.Describe(facts!, state.Metadata, owner!);
            if (target is null)
                return DeclineReason.UnknownKey;
            if (!target.Tls.Resumption.Stateless)
                return DeclineReason.Policy;
            if (target != owner)
                return DeclineReason.UnknownKey;
            if (opened is null)
                return why is DeclineReason.None ? DeclineReason.UnknownKey : why;
            return ours ? target.WhyNot(facts!, state.Metadata, question.Now) : DeclineReason.UnknownKey;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    /// <returns>The session's DER; null if its key may not open (<paramref name="why"/>), or the seal does not hold.</returns>
    private static byte[]? Open(EdgeProfile profile, Question question, out DeclineReason why)
    {
        why = DeclineReason.UnknownKey;
        return profile.Keys?.Tickets.Find(question.Session.Span[..TicketKey.NameLength], out why)?.Open(question.Session.Span);
    }
}
