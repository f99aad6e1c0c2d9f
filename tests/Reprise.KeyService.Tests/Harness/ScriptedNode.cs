using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Harness;

/// <summary>A node's stream, message by message.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly AsyncDuplexStreamingCall<SubscribeRequest, SubscribeResponse> _call;

    public ScriptedNode(CallInvoker invoker) => _call = new KeyDistribution.KeyDistributionClient(invoker).Subscribe();

    /// <summary>The newest ring that was read.</summary>
    public KeyRing? Last { get; private set; }

    public Task SayAsync(SubscribeRequest message) => _call.RequestStream.WriteAsync(message);

    public Task AcknowledgeAsync(long generation) => SayAsync(new() { Acknowledge = new() { Generation = generation } });

    /// <summary>The next message.</summary>
    public async Task<SubscribeResponse> NextAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext().WaitAsync(2 * Eventually.DefaultTimeout));
        return _call.ResponseStream.Current;
    }

    /// <summary>The next question about a session; rings before it are passed over.</summary>
    public async Task<SessionQuestion> QuestionAsync()
    {
        while (true)
        {
            if ((await NextAsync()).Question is { } question)
                return question;
        }
    }

    /// <summary>The next ring.</summary>
    public async Task<KeyRing> RingAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext().WaitAsync(2 * Eventually.DefaultTimeout));
        return Last = _call.ResponseStream.Current.KeyRing;
    }

    /// <summary>How the service ends the stream.</summary>
    /// <param name="ring">Called for each ring that comes before.</param>
    public async Task<Status> EndAsync(Action<KeyRing>? ring = null)
    {
        try
        {
            while (await _call.ResponseStream.MoveNext().WaitAsync(2 * Eventually.DefaultTimeout))
                ring?.Invoke(_call.ResponseStream.Current.KeyRing);

            return _call.GetStatus();
        }
        catch (RpcException fault)
        {
            return fault.Status;
        }
    }

    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        return ValueTask.CompletedTask;
    }
}
