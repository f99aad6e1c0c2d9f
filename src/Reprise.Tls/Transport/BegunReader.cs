using System.IO.Pipelines;

namespace Reprise.Tls;

/// <summary>
/// The application's end of a connection's input, that tells when it is first used, and when it is used no more. Kestrel drops a connection that it has
/// accepted but not begun when it is told to stop: a stop waits until all have been begun.
/// </summary>
internal sealed class BegunReader(PipeReader inner, Action begun, Action? ended) : PipeReader
{
    private Action? _begun = begun;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        Begin();
        return inner.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        Begin();
        return inner.TryRead(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        inner.Complete(exception);
        ended?.Invoke();
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        await inner.CompleteAsync(exception).ConfigureAwait(false);
        ended?.Invoke();
    }

    private void Begin()
    {
        _begun?.Invoke();
        _begun = null; // a reader is used by one thread at a time
    }
}
