using Google.Protobuf.WellKnownTypes;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Scripted;

/// <summary>What key services tell, as tests need it.</summary>
internal static class Told
{
    public static RotateResponse Staged(long epoch, long generation, params string[] nodes) =>
        new() { Staged = new() { Epoch = epoch, Generation = generation, Nodes = { nodes } } };

    public static RotateResponse Acknowledged(string node, long generation, double milliseconds) =>
        new() { Acknowledged = new() { Node = node, Generation = generation, Milliseconds = milliseconds } };

    public static RotateResponse Activated(long epoch, long generation, long replaces) =>
        new() { Activated = new() { Epoch = epoch, Generation = generation, Replaces = replaces, ActivatesAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) } };

    public static RotateResponse Done(long epoch, params string[] nodes) => new()
    {
        Done = new()
        {
            Epoch = epoch,
            Complete = true,
            Milliseconds = 12.5,
            Nodes = { nodes.Select(node => new RotateResponse.Types.NodeReport { Node = node, StagedMilliseconds = 1, ActivatedMilliseconds = 2 }) },
        },
    };

    /// <summary>A whole rotation of two nodes.</summary>
    public static RotateResponse[] Rotation(long epoch) =>
    [
        Staged(epoch, 10, "edge-1", "edge-2"), Acknowledged("edge-1", 10, 3.5), Acknowledged("edge-2", 10, 4), Activated(epoch, 11, epoch - 1),
        Acknowledged("edge-1", 11, 1.5), Acknowledged("edge-2", 11, 2.5), Done(epoch, "edge-1", "edge-2"),
    ];

    /// <summary>Two nodes, of which the second has not answered if <paramref name="laggard"/>.</summary>
    public static Acknowledgements Acknowledgements(bool laggard = false)
    {
        var told = new Acknowledgements { Milliseconds = 4.5, Nodes = { new Acknowledgements.Types.NodeReport { Node = "edge-1", Milliseconds = 4.5 } } };
        told.Nodes.Add(laggard ? new Acknowledgements.Types.NodeReport { Node = "edge-2" } : new Acknowledgements.Types.NodeReport { Node = "edge-2", Milliseconds = 2 });
        if (laggard)
            told.Laggards.Add(new Acknowledgements.Types.Laggard { Node = "edge-2", Reason = LaggardReason.Deadline });
        return told;
    }
}
