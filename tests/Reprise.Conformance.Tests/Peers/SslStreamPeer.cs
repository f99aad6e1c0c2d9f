using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>.NET's client, which keeps sessions by name. It tells nobody whether one was resumed.</summary>
internal sealed class SslStreamPeer : Peer
{
    public override string Name => "SslStream";

    public override bool Can(SessionKind kind) => true;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = target.Host,
            EnabledSslProtocols = target.Kind.IsTls13() ? SslProtocols.Tls13 : SslProtocols.Tls12,
            AllowTlsResume = true,
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(target.Authority) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
        var visits = new List<PeerVisit>();
        while (visits.Count < Visits)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", target.Port);
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsClientAsync(options);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/.well-known/reprise/handshake", target.Host)));
            var answer = await new StreamReader(stream).ReadToEndAsync();
            visits.Add(new(Resumed: null, JsonElement.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..])));
        }

        return visits;
    }
}
