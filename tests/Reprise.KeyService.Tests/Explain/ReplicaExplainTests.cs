using Google.Protobuf;
using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Explain;

public sealed class ReplicaExplainTests
{
    // Each knows of the other's nodes, and can ask its own.
    [Fact]
    public async Task Explain_NodeOfAnotherKeyService_IsNamedWithTheOneToAsk()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (asked, other) = (set.Replicas[0], set.Replicas[1]);
        var node = await other.JoinAsync("edge-1");
        var request = new ExplainRequest { Offer = new() { Session = ByteString.CopyFromUtf8("session") } };
        await Eventually.TrueAsync(async () => (await asked.Admin.Admin.NodesAsync(new())).Nodes.Any(each => each is { Name: "edge-1", Live: true }));

        var elsewhere = Assert.Single((await asked.Admin.Admin.ExplainAsync(request)).Nodes);
        var answering = AnswerAsync(node);
        ExplainResponse? here = null;
        await Eventually.TrueAsync(async () => Assert.Single((here = await other.Admin.Admin.ExplainAsync(request)).Nodes).Explanation is not null); // it has 2 s

        Assert.Equal(("edge-1", other.Name, ExplainResponse.Types.NoAnswer.Elsewhere), (elsewhere.Name, elsewhere.Service, elsewhere.NoAnswer));
        Assert.Equal("spent", here!.Nodes[0].Explanation.Declined);
        await node.DisposeAsync();
        await answering;
    }

    private static async Task AnswerAsync(ScriptedNode node)
    {
        try
        {
            while (true)
                await node.SayAsync(new() { Explanation = new() { Number = (await node.QuestionAsync()).Number, Declined = "spent" } });
        }
        catch (Exception end) when (end is RpcException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }
}
