namespace Reprise.KeyProtocol;

/// <summary>What this node would do with a session; the host may offer one, and operators' questions are then answered.</summary>
public interface ISessionExplainer
{
    /// <summary>
    /// Looks, and changes nothing. Called on a thread-pool thread, a few at once at most. What it throws costs the answer alone.
    /// </summary>
    /// <param name="offer">Of an operator, through the key service; bytes of any content.</param>
    /// <param name="cancellationToken">When nobody waits any more.</param>
    /// <returns>Without number and generation.</returns>
    ValueTask<V1.SessionExplanation> ExplainAsync(V1.SessionOffer offer, CancellationToken cancellationToken);
}
