using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Reprise.Tls;

/// <summary>An established connection as Kestrel sees it.</summary>
internal sealed class TlsConnectionContext : ConnectionContext,
    ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature, ISessionResumptionFeature,
    ITlsCloseFeature, ITlsRequestFeature, IMemoryPoolFeature
{
    private static long s_lastId;

    private readonly TlsConnection _connection;
    private long _idleSince = Environment.TickCount64;
    private int _requests;

    public TlsConnectionContext(TlsConnection connection, Handshake handshake, IDuplexPipe transport, IPEndPoint local, IPEndPoint remote)
    {
        _connection = connection;
        Handshake = handshake;
        Transport = transport;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        ConnectionClosed = connection.ConnectionClosed;
        ConnectionId = $"T{Interlocked.Increment(ref s_lastId):X}";
        Features = new FeatureCollection(6);
        Features.Set<ITlsConnectionFeature>(this);
        Features.Set<ITlsHandshakeFeature>(this);
        Features.Set<ITlsApplicationProtocolFeature>(this);
        Features.Set<ISessionResumptionFeature>(this);
        Features.Set<ITlsCloseFeature>(this);
        Features.Set<ITlsRequestFeature>(this);
        Features.Set<IMemoryPoolFeature>(this);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items { get => field ??= new Dictionary<object, object?>(); set; } = null!;

    public override IDuplexPipe Transport { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public Handshake Handshake { get; }

    public bool PeerSaidGoodbye => _connection.PeerSaidGoodbye;

    /// <summary>For what Kestrel itself buffers, as HTTP/2's streams.</summary>
    public MemoryPool<byte> MemoryPool => BlockPool.Shared;

    public X509Certificate2? ClientCertificate { get => field ?? Handshake.Client?.Certificate; set; }

    public SslProtocols Protocol => Handshake.Protocol;

    public TlsCipherSuite? NegotiatedCipherSuite => Handshake.CipherSuite;

    public string HostName => Handshake.ServerName ?? "";

    public ReadOnlyMemory<byte> ApplicationProtocol => Handshake.ApplicationProtocol;

#pragma warning disable SYSLIB0058 // members of the interface that NegotiatedCipherSuite has replaced
    public CipherAlgorithmType CipherAlgorithm => CipherAlgorithmType.None;

    public int CipherStrength => 0;

    public HashAlgorithmType HashAlgorithm => HashAlgorithmType.None;

    public int HashStrength => 0;

    public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

    public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    public void RequestBegun() => Interlocked.Increment(ref _requests);

    public void RequestEnded()
    {
        Volatile.Write(ref _idleSince, Environment.TickCount64); // before the count says that it holds
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Whether no request runs, and since when: the last one's end, or the connection's first bytes.</summary>
    public bool IsIdleSince(out long since)
    {
        var idle = Volatile.Read(ref _requests) == 0;
        since = Volatile.Read(ref _idleSince);
        return idle;
    }

    /// <summary>Has Kestrel end the connection when its requests are done; false if it is not Kestrel's yet.</summary>
    public bool AskToClose()
    {
        if (Features.Get<IConnectionLifetimeNotificationFeature>() is not { } lifetime)
            return false;
        ThreadPool.UnsafeQueueUserWorkItem(static asked => asked.RequestClose(), lifetime, preferLocal: false);
        return true;
    }

    public override void Abort(ConnectionAbortedException abortReason) => _connection.Abort();

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync().ConfigureAwait(false);
        await Transport.Output.CompleteAsync().ConfigureAwait(false);
        await _connection.Closed.ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
