using Reprise.KeyProtocol.V1;

namespace Reprise.KeyService.Nodes;

/// <summary>A node's place in the registry while one stream of its lasts. Disposing it makes the node not live.</summary>
internal sealed class NodeStream(NodeRegistry registry, string name) : IDisposable
{
    private readonly CancellationTokenSource _replaced = new();
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

    public void Heard(Heartbeat heartbeat) => registry.Heard(this, heartbeat);

    /// <summary>Called by the registry, outside of its lock.</summary>
    internal void Replace() => _replaced.Cancel();

    /// <inheritdoc/>
    public void Dispose() => registry.Leave(this);
}
