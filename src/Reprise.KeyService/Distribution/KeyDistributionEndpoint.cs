using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyProtocol.Wire;
using Reprise.KeyService.Epochs;
using Reprise.KeyService.Identity;
using Reprise.KeyService.Nodes;

namespace Reprise.KeyService.Distribution;

/// <summary><c>KeyDistribution</c>: one call is one node's stream.</summary>
internal sealed class KeyDistributionEndpoint(
    EpochKeeper epochs, NodeRegistry nodes, NodeKnowledge knowledge, TimeProvider time, IHostApplicationLifetime lifetime) : KeyDistribution.KeyDistributionBase
{
    private static readonly TimeSpan s_helloBudget = TimeSpan.FromSeconds(10);

    public override async Task Subscribe(
        IAsyncStreamReader<SubscribeRequest> requestStream, IServerStreamWriter<SubscribeResponse> responseStream, ServerCallContext context)
    {
        var hello = await HelloAsync(requestStream, context);
        var caller = RoleInterceptor.Caller(context);
        if (hello.Node != caller.Name)
            throw new RpcException(new Status(StatusCode.PermissionDenied, $"{caller} may subscribe as '{caller.Name}' only"));

        if (epochs.Current.Generation == 0)
            throw new RpcException(new Status(StatusCode.Unavailable, "this key service has no key ring yet"));

        var serial = RoleInterceptor.Serial(context);
        var (purges, switches) = (PurgeWire.Believable(hello.Purges), SwitchWire.Believable(hello.Switches));
        await knowledge.LearnAsync(caller.Name, purges, switches, context.CancellationToken);
        using var node = nodes.Join(caller.Name, serial, Address(context), hello, purges, switches);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, node.Replaced, lifetime.ApplicationStopping);
        using var writer = new SubscriptionWriter(responseStream);
        var pushing = PushAsync(node, serial, writer, ending.Token);
        var asking = AskAsync(node, writer, ending.Token);
        var listening = ListenAsync(node, requestStream, ending.Token);
        try
        {
            // Whichever ends first ends the other; the first one's fault is the call's.
            await await Task.WhenAny(pushing, listening, asking);
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or InvalidOperationException)
        {
            throw new RpcException(WhyEnded(node));
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(pushing, listening, asking).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task<Hello> HelloAsync(IAsyncStreamReader<SubscribeRequest> requestStream, ServerCallContext context)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        using var timer = time.CreateTimer(_ => budget.Cancel(), null, s_helloBudget, Timeout.InfiniteTimeSpan);
        try
        {
            if (await requestStream.MoveNext(budget.Token) && requestStream.Current.Hello is { } hello)
                return hello;
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // Late or gone: the same to us.
        }

        throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message must be Hello"));
    }

    private async Task PushAsync(NodeStream node, string serial, SubscriptionWriter writer, CancellationToken cancel)
    {
        var sent = 0L;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var changed = epochs.Changed;
            var ledger = epochs.Current;
            if (ledger.IsRemoved(serial))
                throw new RpcException(new Status(StatusCode.PermissionDenied, "this node was removed"));
            if (ledger.Generation > sent)
            {
                KeyRing ring;
                try
                {
                    ring = KeyRingWire.ToWire(ledger.ToRing(), ledger.KnowsFrom);
                }
                catch (ObjectDisposedException)
                {
                    // An epoch was destroyed between the two lines above; there is a newer ledger.
                    continue;
                }

                try
                {
                    node.Sending(ledger.Generation);
                    await writer.WriteAsync(new SubscribeResponse { KeyRing = ring }, cancel);
                    sent = ledger.Generation;
                }
                finally
                {
                    ring.Wipe();
                }
            }

            await changed.WaitAsync(cancel);
        }
    }

    private static async Task AskAsync(NodeStream node, SubscriptionWriter writer, CancellationToken cancel)
    {
        await foreach (var question in node.Questions.ReadAllAsync(cancel))
        {
            // A node that reads slowly is not to find old questions before its next key ring.
            if (node.Awaits(question))
                await writer.WriteAsync(new SubscribeResponse { Question = question }, cancel);
        }
    }

    private static async Task ListenAsync(NodeStream node, IAsyncStreamReader<SubscribeRequest> stream, CancellationToken cancel)
    {
        while (await stream.MoveNext(cancel))
        {
            switch (stream.Current.MessageCase)
            {
                case SubscribeRequest.MessageOneofCase.Acknowledge:
                    var said = stream.Current.Acknowledge;
                    if (!node.TryAcknowledge(said))
                        throw new RpcException(new Status(StatusCode.InvalidArgument, $"generation {said.Generation} was never sent on this stream"));
                    break;
                case SubscribeRequest.MessageOneofCase.Heartbeat:
                    node.Heard(stream.Current.Heartbeat);
                    break;
                case SubscribeRequest.MessageOneofCase.Explanation:
                    node.Answered(stream.Current.Explanation);
                    break;
                case SubscribeRequest.MessageOneofCase.Hello:
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "Hello may be said once"));
                default:
                    // A later version's message.
                    break;
            }
        }
    }

    private Status WhyEnded(NodeStream node) =>
        node.Replaced.IsCancellationRequested ? new Status(StatusCode.Aborted, "a newer stream of this node has taken over")
        : lifetime.ApplicationStopping.IsCancellationRequested ? new Status(StatusCode.Unavailable, "the key service stops")
        : new Status(StatusCode.Cancelled, "the node has gone");

    private static string Address(ServerCallContext context)
    {
        var connection = context.GetHttpContext().Connection;
        var address = connection.RemoteIpAddress;
        return new System.Net.IPEndPoint(address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address ?? System.Net.IPAddress.None, connection.RemotePort).ToString();
    }
}
