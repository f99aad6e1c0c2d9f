using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Reprise.KeyService.Dashboard.SignIn;

namespace Reprise.KeyService.Dashboard.State;

/// <summary>Server-sent events: the state at once, after each change, and each few seconds for what changes by itself.</summary>
internal sealed class StateStream(StateSource source, IHostApplicationLifetime lifetime, TimeProvider time)
{
    /// <summary>Streams at the same time.</summary>
    public const int Most = 64;

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(5);

    private int _open;

    public IResult Open(HttpContext context)
    {
        if (Interlocked.Increment(ref _open) <= Most)
            return TypedResults.ServerSentEvents(FollowAsync(context, context.RequestAborted));
        Interlocked.Decrement(ref _open);
        context.Response.Headers.RetryAfter = "5";
        return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }

    private async IAsyncEnumerable<SseItem<string>> FollowAsync(HttpContext context, [EnumeratorCancellation] CancellationToken aborted)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(aborted, lifetime.ApplicationStopping);
        try
        {
            // Whoever was signed in when it began may not be any more.
            while (!ending.IsCancellationRequested && DashboardAuthentication.StillHolds(context))
            {
                var changes = source.Changes;
                if (await ReadAsync(ending.Token) is not { } state)
                    yield break;
                yield return new SseItem<string>(state, "state");
                await WaitAsync(s_least, [], ending.Token);
                await WaitAsync(s_most - s_least, changes, ending.Token);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<string?> ReadAsync(CancellationToken cancel)
    {
        try
        {
            return await source.ReadAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
    }

    // One wait for all: what outlives it must not keep it.
    private async Task WaitAsync(TimeSpan most, Task[] changes, CancellationToken cancel)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny([Task.Delay(most, time, waiting.Token), .. changes]);
        await waiting.CancelAsync();
    }
}
