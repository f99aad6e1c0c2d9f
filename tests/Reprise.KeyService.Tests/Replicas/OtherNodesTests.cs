using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyService.Nodes;
using Reprise.KeyService.Replicas;

namespace Reprise.KeyService.Tests.Replicas;

public sealed class OtherNodesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly ByteString One = ByteString.CopyFromUtf8("one");
    private static readonly ByteString Two = ByteString.CopyFromUtf8("two");

    private readonly FakeTimeProvider _time = new(Start);
    private readonly OtherNodes _others;

    public OtherNodesTests() => _others = new OtherNodes(_time);

    private NodeStatus Node => Assert.Single(_others.Snapshot());

    [Fact]
    public void Learn_ToldNow_IsLive()
    {
        Assert.True(_others.Learn(Told(), alive: true));

        Assert.True(Node.Live);
    }

    [Fact]
    public void Learn_Read_IsLiveOnlyIfItsKeyServiceIs()
    {
        _others.Learn(Told(), alive: false);
        Assert.False(Node.Live);

        Assert.True(_others.Live(new Dictionary<string, ByteString> { ["keys-1"] = One }));
        Assert.True(Node.Live);

        Assert.True(_others.Live(new Dictionary<string, ByteString>()));
        Assert.False(Node.Live);
    }

    [Fact]
    public void Live_KeyServiceWasRestarted_ItsFormerStreamsAreGone()
    {
        _others.Learn(Told(), alive: true);

        Assert.True(_others.Live(new Dictionary<string, ByteString> { ["keys-1"] = Two }));

        Assert.False(Node.Live);
    }

    [Fact]
    public void Learn_Acknowledgements_CountFromWhenTheyWereLearned()
    {
        _others.Learn(Told(acknowledged: 5), alive: true);
        var first = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_others.Learn(Told(acknowledged: 7, seen: 1), alive: true));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_others.Learn(Told(acknowledged: 7, seen: 2), alive: true));

        Assert.Equal(first, Node.AcknowledgedAt(5));
        Assert.Equal(first + _time.TimestampFrequency, Node.AcknowledgedAt(6));
        Assert.Equal(7, Node.AcknowledgedGeneration);
    }

    [Fact]
    public void Learn_ReadWhatWasToldLater_IsNoNews()
    {
        _others.Learn(Told(acknowledged: 7, seen: 2), alive: true);

        Assert.False(_others.Learn(Told(acknowledged: 5, seen: 1), alive: false));
        Assert.False(_others.Learn(Told(acknowledged: 7, seen: 2), alive: false));
        Assert.False(_others.Learn(Told(acknowledged: 7, seen: 2), alive: true));

        Assert.Equal(7, Node.AcknowledgedGeneration);
    }

    [Fact]
    public void Learn_StreamThatHasEnded_DoesNotLiveAgain()
    {
        _others.Learn(Told(seen: 1, live: false), alive: true);

        Assert.False(_others.Learn(Told(seen: 1), alive: false));

        Assert.False(Node.Live);
    }

    [Fact]
    public void Learn_ANewStream_HasAcknowledgedNothingOfTheFormerOne()
    {
        _others.Learn(Told(acknowledged: 7), alive: true);

        Assert.True(_others.Learn(Told(connected: 1, seen: 1), alive: true));

        Assert.Equal((0L, true), (Node.AcknowledgedGeneration, Node.Live));
    }

    private static SharedNode Told(long acknowledged = 0, int connected = 0, int seen = 0, bool live = true) => new(
        new NodeStatus
        {
            Name = "edge-1",
            Live = live,
            ConnectedAt = Start.AddSeconds(connected),
            LastSeen = Start.AddSeconds(seen),
            Address = "127.0.0.1:1",
            Serial = "01",
            Service = "keys-1",
            Version = "1",
        },
        acknowledged,
        One);
}
