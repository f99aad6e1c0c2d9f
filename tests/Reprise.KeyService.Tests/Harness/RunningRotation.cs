using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Harness;

/// <summary>A rotation's progress, step by step; with a clock to move while waiting.</summary>
internal sealed class RunningRotation(KeyServiceChannel channel, FakeTimeProvider? time = null) : IDisposable
{
    private readonly AsyncServerStreamingCall<RotateResponse> _call = channel.Admin.Rotate(new RotateRequest());

    /// <summary>All steps read so far.</summary>
    public List<RotateResponse> Steps { get; } = [];

    /// <summary>The next step. The clock stands.</summary>
    public async Task<RotateResponse> NextAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext().WaitAsync(Eventually.DefaultTimeout));
        Steps.Add(_call.ResponseStream.Current);
        return _call.ResponseStream.Current;
    }

    /// <summary>Reads up to a step of this kind. The clock stands.</summary>
    public async Task<RotateResponse> UntilAsync(RotateResponse.ProgressOneofCase kind)
    {
        while ((await NextAsync()).ProgressCase != kind)
        {
        }

        return Steps[^1];
    }

    /// <summary>Reads to the end, moving the clock on while nothing comes.</summary>
    public async Task<RotateResponse.Types.Done> DoneAsync()
    {
        while (true)
        {
            var next = _call.ResponseStream.MoveNext();
            while (time is not null && !next.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.WhenAny(next, Task.Delay(5));
            }

            if (!await next.WaitAsync(Eventually.DefaultTimeout))
                return Steps[^1].Done;
            Steps.Add(_call.ResponseStream.Current);
        }
    }

    /// <summary>The acknowledgements of one generation, by node.</summary>
    public IEnumerable<string> Acknowledged(long generation) =>
        Steps.Where(step => step.Acknowledged?.Generation == generation).Select(step => step.Acknowledged.Node).Order(StringComparer.Ordinal);

    public IEnumerable<RotateResponse.Types.Laggard> Laggards => Steps.Select(step => step.Laggard).OfType<RotateResponse.Types.Laggard>();

    public void Dispose() => _call.Dispose();
}
