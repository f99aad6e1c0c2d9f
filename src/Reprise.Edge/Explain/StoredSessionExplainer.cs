using System.Security.Cryptography;
using Reprise.Core.Sessions;
using Reprise.Edge.Handshakes;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol.V1;
using Reprise.SessionCache;
using Reprise.Tls;

namespace Reprise.Edge.Explain;

/// <summary>Session IDs and handles: what lies under them in the store, or nearby, and what would come of it.</summary>
internal sealed class StoredSessionExplainer(RedisSessionCache store)
{
    private static readonly TimeSpan s_lookupBudget = TimeSpan.FromSeconds(1);

    public async ValueTask<SessionExplanation> ExplainAsync(Question question, SessionKind kind, CancellationToken cancellationToken)
    {
        var found = await FindAsync(question, kind, cancellationToken);
        var said = new SessionExplanation { Kind = found.Kind, Nearby = found.Nearby, StoredBytes = (uint)(found.Answer.Value?.Length ?? 0) };
        var owner = DescribeHeader(said, question, found.Answer.Value);
        var target = question.Asked ?? owner;
        said.OfferedTo = target?.Name ?? "";
        said.Declined = WhyNot(said, owner, target, question, found.Answer).ToName() ?? "";
        return said;
    }

    // A session ID and a handle of the same bytes lie in different places: what the operator does not know is looked for in both.
    private async ValueTask<(SessionKind Kind, CacheAnswer Answer, bool Nearby)> FindAsync(Question question, SessionKind kind, CancellationToken cancellationToken)
    {
        var id = question.Session;
        if (kind is not SessionKind.Handle)
        {
            var key = SessionKey.OfSessionId(id.Span);
            var caches = question.Asked is { } asked ? [asked] : question.Table.All;
            foreach (var profile in caches)
            {
                if (profile.Sessions?.Peek(key) is { } value)
                    return (SessionKind.SessionId, new CacheAnswer(value, Faulted: false), true);
            }

            var answer = await LookAsync(key, cancellationToken);
            if (answer.Faulted)
                return (kind, answer, false);
            if (answer != CacheAnswer.Miss || kind is SessionKind.SessionId)
                return (SessionKind.SessionId, answer, false);
        }

        // A plain GET: what is single-use stays for its client.
        var taken = await LookAsync(SessionKey.OfHandle(id.Span), cancellationToken);
        return (taken.Faulted || taken == CacheAnswer.Miss ? kind : SessionKind.Handle, taken, false);
    }

    private async ValueTask<CacheAnswer> LookAsync(SessionKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetAsync(key).AsTask().WaitAsync(s_lookupBudget, cancellationToken);
        }
        catch (TimeoutException)
        {
            return CacheAnswer.Late;
        }
    }

    private static EdgeProfile? DescribeHeader(SessionExplanation said, Question question, byte[]? value)
    {
        if (!SealedSessionHeader.TryRead(value, out var header))
            return null;
        said.ScopeTag = header.ScopeTag;
        said.Epoch = header.Epoch;
        var owner = question.Table.FindByScope(header.ScopeTag);
        if (owner is not null)
            said.Profile = owner.Name;
        // Any profile's ring lists the epochs.
        if ((owner ?? question.Table.All[0]).Keys?.Ring.FindListed(header.Epoch) is { } epoch)
            said.Describe(epoch);
        return owner;
    }

    // Step by step as ServerConnection.PlanTls12 or PlanTls13, EdgeHandshakePolicy.FindAsync and ServerConnection.OnGetSession.
    private static DeclineReason WhyNot(SessionExplanation said, EdgeProfile? owner, EdgeProfile? target, Question question, CacheAnswer answer)
    {
        var record = Open(owner, question, answer, out var opened);
        try
        {
            var facts = default(SessionFacts);
            var read = record is not null && SessionFacts.TryRead(record.Der, out facts);
            if (read)
                said.Describe(facts!, record!.Metadata, owner!);
            if (target is null)
                return answer.Value is null ? DeclineReasons.Of(answer)
                    : SealedSessionHeader.TryRead(answer.Value, out _) ? DeclineReason.Scope : DeclineReason.StoreError;
            if (target.Sessions is null || !target.Tls.Resumption.Stateful)
                return DeclineReason.Policy;
            if (answer.Value is null)
                return DeclineReasons.Of(answer);
            if (target != owner)
                Open(target, question, answer, out opened);
            if (opened is not OpenResult.Opened)
                return DeclineReasons.Of(opened);
            return read ? target.WhyNot(facts!, record!.Metadata, question.Now) : DeclineReason.StoreError;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(record?.Der);
        }
    }

    private static SessionRecord? Open(EdgeProfile? profile, Question question, CacheAnswer answer, out OpenResult opened)
    {
        opened = OpenResult.UnknownEpoch;
        SessionRecord? record = null;
        if (answer.Value is { } value && profile?.Keys?.Ring is { } ring)
            opened = SealedSession.Open(ring, question.Session.Span, value, question.Now, out record);
        return record;
    }
}
