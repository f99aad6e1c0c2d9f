using Google.Protobuf;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Replicas;

/// <summary>What other key services know of nodes, as far as this one has been told. Thread-safe.</summary>
/// <param name="time">For when it was told.</param>
internal sealed class OtherNodes(TimeProvider time)
{
    private const int AcknowledgementsKept = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, string Node), SharedNode> _nodes = [];
    private Dictionary<string, ByteString> _alive = [];

    /// <summary>The key services that nodes were told of.</summary>
    public IReadOnlyCollection<string> Services
    {
        get
        {
            lock (_gate)
                return [.. _nodes.Keys.Select(key => key.Service).Distinct()];
        }
    }

    /// <summary>Of all other key services; a node stands here as often as it has changed between them.</summary>
    public IReadOnlyList<NodeStatus> Snapshot()
    {
        lock (_gate)
        {
            return [.. _nodes.Values.Select(node =>
                node.Status.Live && _alive.GetValueOrDefault(node.Status.Service) != node.Instance ? node.Status with { Live = false } : node.Status)];
        }
    }

    /// <summary>Takes what another key service says of a node; its acknowledgements count from now.</summary>
    /// <param name="told">Newer than what it said before, or read again.</param>
    /// <param name="alive">Whether it says so at this moment, and so must be alive.</param>
    /// <returns>Whether that is news.</returns>
    public bool Learn(SharedNode told, bool alive)
    {
        lock (_gate)
        {
            var key = (told.Status.Service, told.Status.Name);
            var known = _nodes.GetValueOrDefault(key);
            var same = known is not null && known.Instance == told.Instance && known.Status.ConnectedAt == told.Status.ConnectedAt;
            // Of an earlier stream: read, or sent again by somebody.
            if (known is not null && known.Instance == told.Instance && told.Status.ConnectedAt < known.Status.ConnectedAt)
                return false;
            // What was read may have been on its way while something later was told.
            if (same && (told.Acknowledged < known!.Acknowledged || told.Status.LastSeen < known.Status.LastSeen || (told.Status.Live && !known.Status.Live)))
                return false;
            if (same && told.Acknowledged == known!.Acknowledged && told.Status.LastSeen == known.Status.LastSeen && told.Status.Live == known.Status.Live)
                return alive && Revive(told);
            var before = same ? known!.Status.Acknowledgements : [];
            _nodes[key] = told with
            {
                Status = told.Status with
                {
                    Acknowledgements = told.Acknowledged == 0 || (before.Count > 0 && before[^1].Generation >= told.Acknowledged)
                        ? before
                        : [.. before.TakeLast(AcknowledgementsKept - 1), (told.Acknowledged, time.GetTimestamp())],
                },
            };
            if (alive)
                Revive(told);
            return true;
        }
    }

    /// <summary>Which other key services live, each by its process. The nodes of others are live no longer.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Live(IReadOnlyDictionary<string, ByteString> alive)
    {
        lock (_gate)
        {
            if (_alive.Count == alive.Count && alive.All(pair => _alive.GetValueOrDefault(pair.Key) == pair.Value))
                return false;
            _alive = new(alive);
            return true;
        }
    }

    private bool Revive(SharedNode told)
    {
        if (_alive.GetValueOrDefault(told.Status.Service) == told.Instance)
            return false;
        _alive = new(_alive) { [told.Status.Service] = told.Instance };
        return true;
    }
}
