using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>The browser, which speaks HTTP/2 to the nodes and TLS 1.3 only where a server does. It keeps sessions in memory.</summary>
internal sealed class ChromiumPeer : Peer
{
    public override string Name => "Chromium";

    public override IReadOnlyList<string> Programs => ["chromium-headless-shell"];

    public override bool Can(SessionKind kind) => kind.IsTls13();

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(target.SiteCertificate);
        var key = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        await using var browser = await Browser.StartAsync(
        [
            "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", $"--user-data-dir={target.File("profile")}",
            $"--host-resolver-rules=MAP {target.Host} 127.0.0.1",
            $"--ignore-certificate-errors-spki-list={key}", // trusts this one key and no other
        ]);
        var visits = new List<PeerVisit>();
        while (visits.Count < Visits)
        {
            var page = await browser.OpenAsync($"https://{target.Host}:{target.Port}/.well-known/reprise/handshake");
            visits.Add(new(Resumed: null, JsonElement.Parse(page)));
            target.Relay.CutAll(); // HTTP/2 would stay on this connection
        }

        return visits;
    }
}
