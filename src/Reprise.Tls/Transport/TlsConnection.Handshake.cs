namespace Reprise.Tls;

internal sealed partial class TlsConnection
{
    private int _park; // tells a late answer, or a late deadline, from the one that is waited for

    private void DriveHandshake()
    {
        switch (_tls.Advance())
        {
            case HandshakeStep.NeedsInput:
                Flush();
                break;
            case HandshakeStep.Curbed:
                if (Flush())
                    _loop.Schedule(static self => ((TlsConnection)self!).GoOn(), this);
                break;
            case HandshakeStep.Parked:
                Park();
                break;
            case HandshakeStep.Complete:
                Establish();
                break;
            case HandshakeStep.Failed:
                FailHandshake(_tls.Failure, _tls.FailureReason);
                break;
        }
    }

    private void GoOn()
    {
        if (_state is State.Handshaking)
            DriveHandshake();
        else if (_state is State.Waiting && !_inputBlocked)
            ReadFirst();
        else if (_state is State.Serving)
            OnReadable(hangUp: false);
    }

    private void Park()
    {
        _state = State.Parked;
        var park = ++_park;
        _loop.After(_tls.Handshake.Profile.Options.LookupBudget, static (self, token) => ((TlsConnection)self!).OnLookupLate(token), this, park);
        AwaitLookup(_tls.TakeLookup(), park);
    }

    private async void AwaitLookup(ValueTask<FoundSession> lookup, int park)
    {
        FoundSession found;
        try
        {
            found = await lookup.ConfigureAwait(false);
        }
        catch (Exception)
        {
            found = FoundSession.Declined(DeclineReason.StoreError); // a store fault is never a handshake failure (DESIGN §7.11)
        }

        _loop.Schedule(static state =>
        {
            var (self, found, park) = ((TlsConnection, FoundSession, int))state!;
            self.Unpark(found, park);
        }, (this, found, park));
    }

    private void OnLookupLate(int park) => Unpark(FoundSession.Declined(DeclineReason.StoreTimeout), park);

    private void Unpark(FoundSession found, int park)
    {
        if (_state is not State.Parked || park != _park)
            return;
        _park++;
        _state = State.Handshaking;
        _tls.Resume(found);
        DriveHandshake();
    }

    private void Establish()
    {
        _state = State.Waiting;
        _since = _loop.Now;
        if (_tls.Storing is { } storing)
            HoldUntilStored(storing);
        _listener.Policy.Completed(_tls.Handshake);
        Flush();
        // The first request may have come with the client's Finished; what comes later has an edge of its own.
        if (_state is State.Waiting && _tls.Handshake.Profile.Options.Tunnel)
            Serve(default);
        else if (_state is State.Waiting && (!_loop.Io.Drained || _tls.HasPending))
            ReadFirst();
    }

    /// <summary>
    /// What OpenSSL has just written tells the client of its session (TLS 1.2 Finished, TLS 1.3 NewSessionTicket): it leaves when
    /// the store has it, or the budget is over. Meanwhile the connection reads on.
    /// </summary>
    private void HoldUntilStored(Task<bool> storing)
    {
        if (storing.IsCompleted)
        {
            OnStored(storing.IsCompletedSuccessfully && storing.Result);
            return;
        }

        _held = true;
        var hold = ++_park;
        _loop.After(_tls.Handshake.Profile.Options.StoreBudget, static (self, token) => ((TlsConnection)self!).Release(token, stored: false), this, hold);
        AwaitStored(storing, hold);
    }

    private async void AwaitStored(Task<bool> storing, int hold)
    {
        var stored = false;
        try
        {
            stored = await storing.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Counted as not stored: the session is simply not resumable.
        }

        _loop.Schedule(static state =>
        {
            var (self, hold, stored) = ((TlsConnection, int, bool))state!;
            self.Release(hold, stored);
        }, (this, hold, stored));
    }

    private void Release(int hold, bool stored)
    {
        if (!_held || hold != _park || _state is State.Closed)
            return;
        _held = false;
        OnStored(stored);
        FlushPending();
    }

    private void OnStored(bool stored)
    {
        if (!stored)
            _listener.Policy.NotStored(_tls.Handshake);
    }

    private void FailHandshake(HandshakeFailure failure, string? reason)
    {
        _listener.Report(_tls.Handshake, failure, reason);
        var hasAlert = _loop.Io.Length > 0;
        _state = State.Lingering; // no second report from here on
        Flush();
        if (hasAlert)
            Linger(); // so that the client reads its alert
        else
            Close();
    }
}
