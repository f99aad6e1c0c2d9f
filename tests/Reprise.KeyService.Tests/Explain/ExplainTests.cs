using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Explain;

/// <summary>How a question about a session travels: to every node whose stream is here, and back within its time.</summary>
public sealed class ExplainTests
{
    // Stands, so that a busy machine has all the time it needs.
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static readonly ExplainRequest s_request = new() { Offer = new() { Session = ByteString.CopyFromUtf8("a ticket, or what passes for one"), Profile = "shop" } };

    [Fact]
    public async Task Explain_TwoNodes_AsksBothAndGivesWhatEachSays()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var one = await service.NodeAsync("edge-1");
        var two = await service.NodeAsync("edge-2");

        var asking = service.Channel().Admin.ExplainAsync(s_request).ResponseAsync;
        var (first, second) = (await one.QuestionAsync(), await two.QuestionAsync());
        Assert.Equal((s_request.Offer, s_request.Offer), (first.Offer, second.Offer));
        await two.SayAsync(new() { Explanation = new() { Number = second.Number + 7, Declined = "scope" } }); // of no question
        await two.SayAsync(new() { Explanation = new() { Number = second.Number, Declined = "retired", Generation = 5 } });
        await one.SayAsync(new() { Explanation = new() { Number = first.Number, Profile = "shop" } });
        var response = await asking;

        Assert.Equal(["edge-1", "edge-2"], response.Nodes.Select(node => node.Name));
        Assert.Equal(["", "retired"], response.Nodes.Select(node => node.Explanation.Declined));
        Assert.Equal(("shop", 5), (response.Nodes[0].Explanation.Profile, response.Nodes[1].Explanation.Generation));
        Assert.Equal("keys-1", response.Service);
    }

    // A node of an older version does not even know the question. Its stream goes on.
    [Fact]
    public async Task Explain_NodeThatSaysNothing_IsNamedAtTheDeadlineAndStaysLive()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var silent = await service.NodeAsync("edge-1");

        var asking = service.Channel().Admin.ExplainAsync(s_request).ResponseAsync;
        await silent.QuestionAsync();
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        var node = Assert.Single((await asking).Nodes);

        Assert.Equal(("edge-1", null, ExplainResponse.Types.NoAnswer.Deadline), (node.Name, node.Explanation, node.NoAnswer));
        Assert.True(Assert.Single((await service.Channel().Admin.NodesAsync(new())).Nodes).Live);
    }

    // A ring that comes while questions go out waits for its turn, and comes.
    [Fact]
    public async Task Explain_WhileKeysRotate_LosesNeitherRingNorQuestion()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-1");
        var asking = Enumerable.Range(0, 10).Select(_ => service.Channel().Admin.ExplainAsync(s_request).ResponseAsync).ToList();
        var rotation = new RunningRotation(service.Channel());
        await rotation.NextAsync();

        var (questions, rings) = (0, 0);
        while (questions < 10 || rings < 2)
        {
            var message = await node.NextAsync();
            if (message.Question is { } question)
            {
                questions++;
                await node.SayAsync(new() { Explanation = new() { Number = question.Number } });
            }
            else
            {
                rings++;
                await node.AcknowledgeAsync(message.KeyRing.Generation);
            }
        }

        Assert.All(await Task.WhenAll(asking), response => Assert.NotNull(Assert.Single(response.Nodes).Explanation));
    }

    [Fact]
    public async Task Explain_NodeInOtherHands_SaysNothingThatATerminalWouldObey()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-1");

        var asking = service.Channel().Admin.ExplainAsync(s_request).ResponseAsync;
        await node.SayAsync(new()
        {
            Explanation = new()
            {
                Number = (await node.QuestionAsync()).Number,
                Declined = "\u001b[2J",
                Profile = new string('x', 10_000),
                OfferedTo = "[red]",
                Issuer = "edge 1\n",
                OpenUntil = new Timestamp { Seconds = long.MaxValue },
                ExpiresAt = new Timestamp { Nanos = -1 },
            },
        });
        var said = Assert.Single((await asking).Nodes).Explanation;

        Assert.Equal(("unknown", "", "", ""), (said.Declined, said.Profile, said.OfferedTo, said.Issuer));
        Assert.Equal((null, null), (said.OpenUntil, said.ExpiresAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_536)]
    public async Task Explain_NoSessionOrTooLongAOne_IsInvalid(int length)
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await service.Channel().Admin.ExplainAsync(new() { Offer = new() { Session = ByteString.CopyFrom(new byte[length]) } }));
        var none = await Assert.ThrowsAsync<RpcException>(async () => await service.Channel().Admin.ExplainAsync(new()));
        var name = await Assert.ThrowsAsync<RpcException>(async () => await service.Channel().Admin.ExplainAsync(new() { Offer = new() { Session = s_request.Offer.Session, ServerName = new string('x', 300) } }));

        Assert.All([fault, none, name], each => Assert.Equal(StatusCode.InvalidArgument, each.StatusCode));
    }

    [Theory]
    [InlineData("edge-1")]
    [InlineData("keys-1")]
    public async Task Explain_WrongRole_IsPermissionDeniedAndNobodyIsAsked(string caller)
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-2");

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await service.Channel(caller).Admin.ExplainAsync(s_request));

        Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);
        // The next thing that the node hears is the admin's question, its first.
        var asking = service.Channel().Admin.ExplainAsync(s_request).ResponseAsync;
        Assert.Equal(1, (await node.QuestionAsync()).Number);
        _time.Advance(TimeSpan.FromSeconds(2));
        await asking;
    }

    [Fact]
    public async Task Explain_InALoop_IsSlowedDown()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time); // without nodes: each answer comes at once
        var channel = service.Channel();

        await Eventually.TrueAsync(async () =>
        {
            try
            {
                for (var i = 0; i < 100; i++)
                    await channel.Admin.ExplainAsync(s_request);
                return false;
            }
            catch (RpcException fault) when (fault.StatusCode is StatusCode.ResourceExhausted)
            {
                return true;
            }
        });
    }

    // Looking is no change, and a session is nobody's business in an audit or a log.
    [Fact]
    public async Task Explain_Always_IsNotAuditedAndLeavesNothingOfTheSessionInTheLog()
    {
        await using var service = await KeyServiceHarness.StartAsync(_time);
        var node = await service.NodeAsync("edge-1");
        var asking = service.Channel().Admin.ExplainAsync(s_request).ResponseAsync;
        await node.SayAsync(new() { Explanation = new() { Number = (await node.QuestionAsync()).Number } });
        await asking;

        var entries = await service.Channel().Admin.Audit(new()).ResponseStream.ReadAllAsync().ToListAsync();

        Assert.DoesNotContain(entries, entry => entry.Action.Contains("explain", StringComparison.OrdinalIgnoreCase));
        foreach (var text in (string[])["a ticket, or what passes for one", s_request.Offer.Session.ToBase64(), Convert.ToHexString(s_request.Offer.Session.Span)])
            Assert.DoesNotContain(text, service.Log.Text, StringComparison.OrdinalIgnoreCase);
    }

    // The node's own side, with its faults.
    [Fact]
    public async Task Subscriber_WhoseExplainerThrows_GoesOn()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var explainer = new ScriptedExplainer(offer => offer.Profile == "bad" ? throw new InvalidOperationException("a defect") : new SessionExplanation { Declined = "policy", Number = 99, Generation = 99 });
        var subscriber = await service.SubscribeAsync(explainer: explainer);
        var bad = new ExplainRequest { Offer = new() { Session = s_request.Offer.Session, Profile = "bad" } };

        var fault = Assert.Single((await service.Channel().Admin.ExplainAsync(bad)).Nodes);
        SessionExplanation? said = null;
        await Eventually.TrueAsync(async () => (said = Assert.Single((await service.Channel().Admin.ExplainAsync(s_request)).Nodes).Explanation) is not null);

        Assert.Equal(ExplainResponse.Types.NoAnswer.Deadline, fault.NoAnswer);
        Assert.Equal(("policy", subscriber.Current!.Generation), (said!.Declined, said.Generation));
        Assert.True(subscriber.Connected);
    }

    private sealed class ScriptedExplainer(Func<SessionOffer, SessionExplanation> answer) : ISessionExplainer
    {
        public ValueTask<SessionExplanation> ExplainAsync(SessionOffer offer, CancellationToken cancellationToken) => ValueTask.FromResult(answer(offer));
    }
}
