using Reprise.Cli.Keys;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Keys;

public sealed class RotationTests
{
    [Fact]
    public void Apply_OfAWholeRotation_KnowsEveryNodesTimes()
    {
        var rotation = new Rotation();
        rotation.Apply(Told.Staged(epoch: 2, generation: 10, "edge-1", "edge-2"));
        rotation.Apply(Told.Acknowledged("edge-1", 10, 3.5));
        rotation.Apply(Told.Activated(epoch: 2, generation: 11, replaces: 1));
        rotation.Apply(Told.Acknowledged("edge-1", 11, 4.5));

        var node = rotation.Nodes.Single(node => node.Name == "edge-1");
        Assert.Equal((3.5, 4.5), (node.StagedMilliseconds, node.ActivatedMilliseconds));
        Assert.Equal((2L, 1L), (rotation.Epoch, rotation.Replaces));
        Assert.Null(rotation.Complete);
    }

    [Fact]
    public void Apply_OfALaggard_NamesIt()
    {
        var rotation = new Rotation();
        rotation.Apply(Told.Staged(epoch: 2, generation: 10, "edge-1", "edge-2"));
        rotation.Apply(new() { Laggard = new() { Node = "edge-2", Generation = 10, Reason = LaggardReason.Disconnected } });
        rotation.Apply(new()
        {
            Done = new()
            {
                Epoch = 2,
                Complete = false,
                Nodes = { new RotateResponse.Types.NodeReport { Node = "edge-1", StagedMilliseconds = 1, ActivatedMilliseconds = 2 }, new RotateResponse.Types.NodeReport { Node = "edge-2" } },
            },
        });

        Assert.Equal(["edge-2"], rotation.Laggards);
        Assert.False(rotation.Complete);
    }
}
