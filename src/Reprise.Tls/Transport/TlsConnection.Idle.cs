namespace Reprise.Tls;

internal sealed partial class TlsConnection
{
    private TlsConnectionContext? _context;
    private bool _askedToClose;

    /// <summary>
    /// Between requests, and when the node stops, the application is asked to end the connection in its protocol's words (GOAWAY,
    /// Connection: close); requests under way are finished first.
    /// </summary>
    private void CloseIfIdle(long now, TimeSpan idleTimeout)
    {
        if (_askedToClose || _context is not { } context)
            return;
        var isIdle = _listener.Options.RequestsAreCounted && context.IsIdleSince(out var since) && now - since > idleTimeout.TotalMilliseconds;
        if (isIdle || _listener.Draining)
            _askedToClose = context.AskToClose();
    }
}
