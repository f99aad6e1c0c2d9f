using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Org.BouncyCastle.Tls;

namespace Reprise.Cli.Probe.Clients;

/// <summary>
/// Bouncy Castle, which shares no code with the edges. Its client resumes TLS 1.2 only; of TLS 1.3 tickets it reads the
/// bytes and drops them.
/// </summary>
internal sealed class BouncyCastleProbeClient : IProbeClient
{
    public string Name => "bouncycastle";

    public string Title => "Bouncy Castle";

    public string? WhyNot(TlsVersion version, ResumptionMode mode) =>
        version == TlsVersion.Tls13 ? "Bouncy Castle's client does not resume TLS 1.3" : null;

    public async Task<Contact<T>> TalkAsync<T>(
        ProbeTarget target, IDisposable? offer, Func<Stream, CancellationToken, Task<T>> talk, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = await ConnectAsync(target, cancellationToken);
            var peer = new ResumingTlsClient(target, (BouncyCastleSession?)offer);
            // Blocking, with the socket's timeouts: Bouncy Castle has no asynchronous calls.
            target.Recording?.Begin((IPEndPoint)socket.LocalEndPoint!, (IPEndPoint)socket.RemoteEndPoint!);
            Stream network = new NetworkStream(socket);
            var protocol = new TlsClientProtocol(target.Recording is { } recording ? new RecordingStream(network, recording) : network);
            protocol.Connect(peer);
            target.Recording?.HandshakeDone();
            var said = await talk(protocol.Stream, cancellationToken);
            protocol.Close();
            return new(peer.Resumed, said, peer.Session, peer.LifetimeHint);
        }
        catch (SocketException failure)
        {
            throw new ProbeException($"cannot connect to {target.EndPoint}: {failure.Message}", unreachable: true, failure);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException or JsonException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ProbeException(failure.Message, unreachable: false, failure)
            {
                VersionRefused = failure is TlsFatalAlertReceived { AlertDescription: AlertDescription.protocol_version },
            };
        }
    }

    private static async Task<Socket> ConnectAsync(ProbeTarget target, CancellationToken cancellationToken)
    {
        var milliseconds = (int)ProbeTarget.Patience.TotalMilliseconds;
        var socket = new Socket(target.EndPoint.AddressFamily, SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = milliseconds,
            SendTimeout = milliseconds,
        };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(ProbeTarget.Patience);
        try
        {
            await socket.ConnectAsync(target.EndPoint, deadline.Token);
            return socket;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
