using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Reprise.Tls.Client;
using Reprise.Tls.Interop;

namespace Reprise.Cli.Probe.Clients;

/// <summary>OpenSSL, the library that the edges use too: both versions, both modes.</summary>
internal sealed class OpenSslProbeClient : IProbeClient
{
    public string Name => "openssl";

    public string Title => "OpenSSL";

    public string? WhyNot(TlsVersion version, ResumptionMode mode) => null;

    public async Task<Contact<T>> TalkAsync<T>(
        ProbeTarget target, IDisposable? offer, Func<Stream, CancellationToken, Task<T>> talk, CancellationToken cancellationToken)
    {
        try
        {
            using var client = OpenSslClient.Connect(new()
            {
                EndPoint = target.EndPoint,
                ServerName = target.ServerName,
                Version = target.Version == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12,
                AuthorityFile = target.AuthorityFile,
                NoTicket = target is { Version: TlsVersion.Tls12, Mode: ResumptionMode.Stateful },
                ApplicationProtocols = ["http/1.1"],
                Session = (ClientSession?)offer,
                Recording = target.Recording,
                Timeout = ProbeTarget.Patience,
            });
            // TLS 1.3: the session comes after the handshake, ahead of the answer.
            var said = await talk(new OpenSslStream(client), cancellationToken);
            var session = client.TakeSession();
            return new(client.Resumed, said, session, session?.TicketLifetimeHint);
        }
        catch (SocketException failure)
        {
            throw new ProbeException($"cannot connect to {target.EndPoint}: {failure.Message}", unreachable: true, failure);
        }
        catch (Exception failure) when (failure is IOException or OpenSslException or HttpRequestException or JsonException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ProbeException(failure.Message, unreachable: false, failure) { VersionRefused = IsVersionRefused(failure) };
        }
    }

    // OpenSSL tells reasons by text only: the server's alert, or an answer in a version that was not offered.
    private static bool IsVersionRefused(Exception failure) => failure is OpenSslException
        && (failure.Message.Contains("alert protocol version", StringComparison.Ordinal)
            || failure.Message.Contains("unsupported protocol", StringComparison.Ordinal));
}
