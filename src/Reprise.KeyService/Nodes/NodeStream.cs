using System.Collections.Concurrent;
using System.Threading.Channels;
using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>A node's place in the registry while one stream of its lasts. Disposing it makes the node not live.</summary>
internal sealed class NodeStream(NodeRegistry registry, string name) : IDisposable
{
    private readonly CancellationTokenSource _replaced = new();
    private readonly Channel<SessionQuestion> _questions = Channel.CreateBounded<SessionQuestion>(
        new BoundedChannelOptions(32) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly ConcurrentDictionary<long, TaskCompletionSource<SessionExplanation?>> _asked = new();
    private long _number;
    private long _sent;

    public string Name => name;

    /// <summary>Cancelled when a newer stream of the same node has taken the place.</summary>
    public CancellationToken Replaced => _replaced.Token;

    /// <summary>To be said before a ring goes out, so that no acknowledgement comes before it.</summary>
    public void Sending(long generation) => Volatile.Write(ref _sent, generation);

    /// <summary>False if this generation was never sent on this stream: then the node errs or lies.</summary>
    public bool TryAcknowledge(Acknowledge said)
    {
        if (said.Generation <= 0 || said.Generation > Volatile.Read(ref _sent))
            return false;
        registry.Acknowledge(this, said.Generation, said.Profiles);
        return true;
    }

    /// <summary>To be sent to the node.</summary>
    public ChannelReader<SessionQuestion> Questions => _questions.Reader;

    /// <summary>Asks the node; null if it has not answered when the token is cancelled, or the stream ends.</summary>
    /// <param name="offer">The question.</param>
    /// <param name="deadline">Throws nothing.</param>
    public async Task<SessionExplanation?> AskAsync(SessionOffer offer, CancellationToken deadline)
    {
        var (number, answer) = (Interlocked.Increment(ref _number), new TaskCompletionSource<SessionExplanation?>(TaskCreationOptions.RunContinuationsAsynchronously));
        _asked[number] = answer;
        using var end = deadline.Register(() => answer.TrySetResult(null));
        _questions.Writer.TryWrite(new SessionQuestion { Number = number, Offer = offer });
        var said = await answer.Task;
        _asked.TryRemove(number, out _);
        return said;
    }

    /// <summary>Whether somebody still waits for its answer.</summary>
    public bool Awaits(SessionQuestion question) => _asked.ContainsKey(question.Number);

    /// <summary>What was not asked, or not any more, is passed over.</summary>
    public void Answered(SessionExplanation said)
    {
        if (_asked.TryRemove(said.Number, out var waiting))
            waiting.TrySetResult(said);
    }

    public void Heard(Heartbeat heartbeat) => registry.Heard(this, heartbeat);

    /// <summary>Called by the registry, outside of its lock.</summary>
    internal void Replace() => _replaced.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        registry.Leave(this);
        foreach (var waiting in _asked.Values)
            waiting.TrySetResult(null);
    }
}
