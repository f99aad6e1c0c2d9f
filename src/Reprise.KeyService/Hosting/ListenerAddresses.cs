using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Reprise.KeyService.Hosting;

/// <summary>Where each listener is bound, with the port that the system has chosen.</summary>
internal sealed class ListenerAddresses
{
    private readonly Dictionary<Listener, ListenOptions> _listening = [];

    /// <summary>To be called while the server is set up.</summary>
    public void Add(Listener listener, ListenOptions options) => _listening.Add(listener, options);

    /// <summary>Once the server has started; null where there is no such listener.</summary>
    public IPEndPoint? this[Listener listener] => _listening.GetValueOrDefault(listener)?.IPEndPoint;
}
