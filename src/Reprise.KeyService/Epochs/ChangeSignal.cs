namespace Reprise.KeyService.Epochs;

/// <summary>
/// Wakes whoever waits for a change. Take <see cref="Next"/> first, then read the state, then wait: so no change is missed.
/// </summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = Fresh();

    public Task Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, Fresh()).TrySetResult();

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
