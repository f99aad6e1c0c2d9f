using Reprise.Cli.Probe.Clients;
using Reprise.Cli.Probe.Matrix;

namespace Reprise.Cli.Demo.Load;

/// <summary>
/// A client that goes from node to node: it begins with a full handshake, offers its session once to each node, and then
/// forgets it, so that there are always new sessions about. One at a time.
/// </summary>
internal sealed class Visitor(ProbeCase way, IReadOnlyList<ProbeNode> nodes, string authority) : IDisposable
{
    private IDisposable? _session;
    private int _next;
    private int _offers;

    public ProbeCase Way => way;

    /// <summary>Connects to the next node.</summary>
    public async Task<Visit> VisitAsync(CancellationToken cancellationToken)
    {
        var node = nodes[_next++ % nodes.Count];
        var offer = _session;
        try
        {
            var exchange = await way.Client.ConnectAsync(way.Target(node, authority), offer, cancellationToken);
            Keep(exchange);
            return Visit.Of(exchange, offered: offer is not null);
        }
        catch (ProbeException failure)
        {
            Forget();
            return new(VisitOutcome.Failed, $"{node.Name}: {failure.Message}");
        }
    }

    public void Dispose() => Forget();

    // A full handshake begins anew; a resumed one goes on with the session it has, unless it was given another.
    private void Keep(Exchange exchange)
    {
        _offers = exchange.Resumed ? _offers + 1 : 0;
        var spent = way.Version == TlsVersion.Tls13 || !exchange.Resumed;
        if (spent || exchange.Session is not null)
        {
            _session?.Dispose();
            _session = exchange.Session;
        }

        if (_offers >= nodes.Count)
            Forget();
    }

    private void Forget()
    {
        _session?.Dispose();
        (_session, _offers) = (null, 0);
    }
}
