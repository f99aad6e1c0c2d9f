using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Reprise.Edge.Redirect;

/// <summary>The plain ports of the redirect. Their connections are marked: they get nothing else, and nobody else gets it.</summary>
internal sealed class RedirectListeners
{
    private readonly List<ListenOptions> _listeners = [];

    /// <summary>Once they listen, with the ports that stand for 0.</summary>
    public IReadOnlyList<string> Addresses => [.. _listeners.Select(listener => listener.IPEndPoint!.ToString())];

    public void Listen(KestrelServerOptions kestrel, IPEndPoint address) => kestrel.Listen(address, listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection =>
        {
            connection.Features.Set(Mark.Instance);
            return next(connection);
        });
        _listeners.Add(listen);
    });

    public static bool Has(HttpContext context) => context.Features.Get<Mark>() is not null;

    private sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
