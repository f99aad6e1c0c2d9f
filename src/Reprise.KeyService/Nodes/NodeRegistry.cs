using Microsoft.Extensions.Options;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Hosting;
using Reprise.KeyService.Replicas;

namespace Reprise.KeyService.Nodes;

/// <summary>
/// Which nodes are live, and what each has acknowledged. A node is live while its stream is open; one that is gone is
/// remembered. Names come from certificates, so only the CA decides how many there can be.
/// </summary>
internal sealed partial class NodeRegistry(IOptions<KeyServiceOptions> options, TimeProvider time, ILogger<NodeRegistry> logger)
{
    private const int AcknowledgementsKept = 8;
    private const int MostUses = 64;
    private const int MostProfiles = 4096;
    private const int MostSerials = 32;

    // Nodes switch to a new epoch by their own clocks.
    private static readonly TimeSpan s_clockTolerance = TimeSpan.FromSeconds(1);

    private readonly ChangeSignal _changed = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Completes at the next change; see <see cref="ChangeSignal"/>.</summary>
    public Task Changed => _changed.Next;

    /// <summary>What other key services know; empty where this one is alone.</summary>
    public OtherNodes Others { get; } = new(time);

    /// <summary>By name: the nodes whose streams are here, or were last.</summary>
    public IReadOnlyList<NodeStatus> Local
    {
        get
        {
            lock (_gate)
                return [.. _entries.Values.Select(entry => entry.Status)];
        }
    }

    /// <summary>Of the nodes that are live here.</summary>
    public IReadOnlyList<NodeStream> Streams
    {
        get
        {
            lock (_gate)
                return [.. _entries.Values.Select(entry => entry.Stream).OfType<NodeStream>()];
        }
    }

    /// <summary>By name, of all key services: where a node is live, else where it was seen last.</summary>
    public IReadOnlyList<NodeStatus> Snapshot()
    {
        var local = Local;
        var others = Others.Snapshot();
        if (others.Count == 0)
            return local;
        return [.. local.Concat(others)
            .GroupBy(node => node.Name, StringComparer.Ordinal)
            .Select(nodes => nodes.MaxBy(node => (node.Live, node.Live ? node.ConnectedAt : node.LastSeen))!)
            .OrderBy(node => node.Name, StringComparer.Ordinal)];
    }

    /// <summary>Of all certificates that a node was seen with, by any key service.</summary>
    public IReadOnlyList<string> SerialsOf(string name) =>
        [.. Local.Concat(Others.Snapshot()).Where(node => node.Name == name).SelectMany(node => node.FormerSerials.Append(node.Serial)).Distinct()];

    /// <summary>A node that was here before this process began, and has not come back yet.</summary>
    public void Remember(NodeStatus gone)
    {
        lock (_gate)
        {
            if (!_entries.TryAdd(gone.Name, new Entry(null, new Recent(), gone with { Live = false })))
                return;
        }

        _changed.Raise();
    }

    /// <summary>To be called when <see cref="Others"/> have changed.</summary>
    public void TellOfOthers() => _changed.Raise();

    /// <summary>Makes the node live. An older stream of its is replaced: its connection may be dead without anybody knowing.</summary>
    /// <param name="name">As in its certificate.</param>
    /// <param name="serial">Of its certificate.</param>
    /// <param name="address">As seen here.</param>
    /// <param name="hello">What it says itself.</param>
    /// <param name="purges">What it holds, of a key service before this one.</param>
    /// <param name="switches">The same.</param>
    public NodeStream Join(string name, string serial, string address, Hello hello, PurgeNumbers purges, ResumptionSwitches switches)
    {
        var stream = new NodeStream(this, name);
        NodeStream? replaced;
        lock (_gate)
        {
            var former = _entries.GetValueOrDefault(name);
            replaced = former?.Stream;
            var now = time.GetUtcNow();
            _entries[name] = new Entry(stream, new Recent(), new NodeStatus
            {
                Name = name,
                Live = true,
                ConnectedAt = now,
                LastSeen = now,
                Address = address,
                Serial = serial,
                FormerSerials = former is null ? [] : [.. former.Status.FormerSerials.Append(former.Status.Serial).Where(each => each != serial).Distinct().TakeLast(MostSerials)],
                Service = options.Value.Name,
                Version = Printable(hello.Version),
                Profiles = Sound(hello.Profiles),
                HeldPurges = purges,
                HeldSwitches = switches,
            });
        }

        replaced?.Replace();
        Log.Joined(logger, name, address);
        _changed.Raise();
        return stream;
    }

    internal void Acknowledge(NodeStream stream, long generation, IReadOnlyCollection<ServedProfile> profiles)
    {
        Update(stream, (status, _, now) => status with
        {
            LastSeen = now,
            Profiles = profiles.Count > 0 ? Sound(profiles) : status.Profiles,
            Acknowledgements = generation <= status.AcknowledgedGeneration
                ? status.Acknowledgements
                : [.. status.Acknowledgements.TakeLast(AcknowledgementsKept - 1), (generation, time.GetTimestamp())],
        });
        _changed.Raise();
    }

    internal void Heard(NodeStream stream, Heartbeat heartbeat)
    {
        IReadOnlyList<EpochUse> uses = [.. heartbeat.Uses.OrderByDescending(use => use.Epoch).Take(MostUses)];
        var handshakes = heartbeat.Handshakes is { } told ? HandshakeCountsWire.Believable(told) : null;
        TimeSpan? before = null, offset = null;
        Update(stream, (status, recent, now) =>
        {
            before = status.ClockOffset;
            offset = ClockOffset(heartbeat, now) ?? before;
            return status with
            {
                LastSeen = now,
                Uses = uses,
                RecentUses = recent.Uses.Add(now, uses),
                Handshakes = handshakes is null ? null : recent.Handshakes.Add(now, handshakes),
                ClockOffset = offset,
            };
        });
        if (offset is { } off && off.Duration() > s_clockTolerance && !(before?.Duration() > s_clockTolerance))
            Log.ClockIsOff(logger, stream.Name, off.TotalSeconds);
    }

    internal void Leave(NodeStream stream)
    {
        if (!Update(stream, (status, _, _) => status with { Live = false }))
            return;
        Log.Left(logger, stream.Name);
        _changed.Raise();
    }

    // False if the stream has been replaced: then it has no say any more.
    private bool Update(NodeStream stream, Func<NodeStatus, Recent, DateTimeOffset, NodeStatus> change)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(stream.Name, out var entry) || entry.Stream != stream)
                return false;
            var status = change(entry.Status, entry.Recent, time.GetUtcNow());
            _entries[stream.Name] = new Entry(status.Live ? stream : null, entry.Recent, status);
            return true;
        }
    }

    // The difference of what both clocks say; null where the node's says nothing that a clock could.
    private static TimeSpan? ClockOffset(Heartbeat heartbeat, DateTimeOffset now) =>
        heartbeat.SentAt is { Seconds: > 0 and < 253_402_300_799, Nanos: >= 0 and <= 999_999_999 } sent ? sent.ToDateTimeOffset() - now : null;

    private static List<ServedProfile> Sound(IEnumerable<ServedProfile> profiles) => [.. profiles.Take(MostProfiles).Where(profile => ProfileName.IsSound(profile.Name))];

    // It goes to logs and terminals; a node may be in other hands.
    private static string Printable(string version) =>
        new([.. version.Take(32).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' ? c : '?')]);

    private sealed record Entry(NodeStream? Stream, Recent Recent, NodeStatus Status);

    private sealed class Recent
    {
        public RecentUses Uses { get; } = new();

        public RecentHandshakes Handshakes { get; } = new();
    }

    // Event ids 4050-4059.
    private static partial class Log
    {
        [LoggerMessage(4050, LogLevel.Information, "Node {Node} is live, from {Address}")]
        public static partial void Joined(ILogger logger, string node, string address);

        [LoggerMessage(4052, LogLevel.Warning, "Node {Node}: its clock is {Seconds:F1} s ahead of this one's; it begins to seal under a new epoch, and ends to open an old one, that much too early")]
        public static partial void ClockIsOff(ILogger logger, string node, double seconds);

        [LoggerMessage(4051, LogLevel.Information, "Node {Node} is gone")]
        public static partial void Left(ILogger logger, string node);
    }
}
