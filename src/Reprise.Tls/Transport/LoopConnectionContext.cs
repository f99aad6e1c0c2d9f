using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Reprise.Tls;

/// <summary>A connection that we have made, as those see it who asked for it.</summary>
internal sealed class LoopConnectionContext(LoopConnection connection, IDuplexPipe transport, IPEndPoint remote, CancellationToken closed) : ConnectionContext
{
    private static long s_lastId;

    public override string ConnectionId { get; set; } = $"C{Interlocked.Increment(ref s_lastId):X}";

    public override IFeatureCollection Features { get => field ??= new FeatureCollection(); } = null!;

    public override IDictionary<object, object?> Items { get => field ??= new Dictionary<object, object?>(); set; } = null!;

    public override IDuplexPipe Transport { get; set; } = transport;

    public override EndPoint? RemoteEndPoint { get; set; } = remote;

    public override CancellationToken ConnectionClosed { get; set; } = closed;

    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort();

    public override async ValueTask DisposeAsync()
    {
        connection.Abort();
        await connection.Closed.ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
