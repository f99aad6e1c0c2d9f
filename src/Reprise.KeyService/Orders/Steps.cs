using System.Runtime.CompilerServices;
using Reprise.KeyService.Epochs;

namespace Reprise.KeyService.Orders;

/// <summary>What something under way has told so far, and will tell. Any number of readers, each from the beginning.</summary>
internal sealed class Steps<T>
{
    private readonly ChangeSignal _changed = new();
    private readonly Lock _gate = new();
    private readonly List<T> _told = [];
    private bool _ended;
    private Exception? _failure;

    public void Tell(T step)
    {
        lock (_gate)
            _told.Add(step);
        _changed.Raise();
    }

    /// <param name="failure">Null: it was done.</param>
    public void End(Exception? failure)
    {
        lock (_gate)
            (_ended, _failure) = (true, failure);
        _changed.Raise();
    }

    public bool Ended
    {
        get
        {
            lock (_gate)
                return _ended;
        }
    }

    /// <summary>Each step when it happens. Throws at the end what made it fail.</summary>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var read = 0; ;)
        {
            var changed = _changed.Next;
            T? step = default;
            bool found, ended;
            lock (_gate)
            {
                (found, ended) = (read < _told.Count, _ended);
                if (found)
                    step = _told[read++];
            }

            if (found)
            {
                yield return step!;
                continue;
            }

            if (ended)
                break;
            await changed.WaitAsync(cancellationToken);
        }

        // As it was thrown, with another stack for each reader.
        if (_failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
    }

    /// <summary>Waits for its end, however it ends.</summary>
    public async Task EndedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changed.Next;
            if (Ended)
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }
}
