using System.Diagnostics.Metrics;
using Reprise.Edge.Handshakes;

namespace Reprise.Edge.Tunnels;

/// <summary>What can be seen of tunnels from outside.</summary>
internal sealed class TunnelMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _errors;

    public TunnelMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(HandshakeMetrics.MeterName);
        _connections = _meter.CreateUpDownCounter<long>("reprise.tcp.connections", "{connection}", "Connections of clients that are connected to a TCP server now");
        _errors = _meter.CreateCounter<long>("reprise.tcp.connect_errors", "{attempt}", "Attempts to connect to a TCP server that failed");
    }

    public void Opened(string profile) => _connections.Add(1, Of(profile));

    public void Closed(string profile) => _connections.Add(-1, Of(profile));

    public void ConnectFailed(string profile) => _errors.Add(1, Of(profile));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Of(string profile) => new("profile", profile);
}
