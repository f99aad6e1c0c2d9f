using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Reprise.Edge.Redirect;

/// <summary>The plain ports of the redirect. Their connections are marked: they get nothing else, and nobody else gets it.</summary>
internal sealed class RedirectListeners
{
    private const int MostOpen = 1024;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private readonly List<ListenOptions> _listeners = [];
    private int _open;

    /// <summary>Once they listen, with the ports that stand for 0.</summary>
    public IReadOnlyList<string> Addresses => [.. _listeners.Select(listener => listener.IPEndPoint!.ToString())];

    public void Listen(KestrelServerOptions kestrel, IPEndPoint address) => kestrel.Listen(address, listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => async connection =>
        {
            connection.Features.Set(Mark.Instance);
            // One answer is all there is to be had, so nobody stays; Kestrel's own deadline is that of TLS connections, which the transport ends.
            using var deadline = new Timer(static connection => ((ConnectionContext)connection!).Abort(), connection, s_longest, Timeout.InfiniteTimeSpan);
            if (Interlocked.Increment(ref _open) <= MostOpen)
            {
                try
                {
                    await next(connection);
                }
                finally
                {
                    Interlocked.Decrement(ref _open);
                }
            }
            else
            {
                Interlocked.Decrement(ref _open);
                connection.Abort();
            }
        });
        _listeners.Add(listen);
    });

    public static bool Has(HttpContext context) => context.Features.Get<Mark>() is not null;

    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
