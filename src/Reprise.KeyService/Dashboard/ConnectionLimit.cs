using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Reprise.KeyService.Dashboard;

/// <summary>
/// How many connections the dashboard has at a time, in all and of one address. It is the one listener that lets strangers in before they have
/// shown anything, and what they hold open is taken from a process that has nodes to serve.
/// </summary>
internal sealed class ConnectionLimit
{
    /// <summary>In all. A browser needs one, or six over HTTP/1.1.</summary>
    public const int Most = 256;

    /// <summary>Of one address, behind which there may be many operators.</summary>
    public const int MostOfOne = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _open = [];
    private int _all;

    /// <summary>Connection middleware: one connection too many is closed before TLS.</summary>
    public ConnectionDelegate Admit(ConnectionDelegate next) => async connection =>
    {
        var from = connection.RemoteEndPoint is IPEndPoint { Address: var address } ? address : IPAddress.None;
        if (!TryBegin(from))
            return; // Kestrel closes what its delegate has left
        try
        {
            await next(connection);
        }
        finally
        {
            End(from);
        }
    };

    private bool TryBegin(IPAddress from)
    {
        lock (_gate)
        {
            var ofOne = _open.GetValueOrDefault(from);
            if (_all >= Most || ofOne >= MostOfOne)
                return false;
            _all++;
            _open[from] = ofOne + 1;
            return true;
        }
    }

    private void End(IPAddress from)
    {
        lock (_gate)
        {
            _all--;
            if (--_open[from] == 0)
                _open.Remove(from);
        }
    }
}
