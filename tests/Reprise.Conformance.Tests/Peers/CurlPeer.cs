namespace Reprise.Conformance.Tests.Peers;

/// <summary>
/// curl with OpenSSL, which keeps sessions while it runs. Without tickets in TLS 1.2: libcurl switches them off
/// (SSL_OP_NO_TICKET in its lib/vtls/openssl.c).
/// </summary>
internal sealed class CurlPeer : Peer
{
    public override string Name => "curl";

    public override IReadOnlyList<string> Programs => ["curl"];

    public override bool Can(SessionKind kind) => kind is not SessionKind.Tls12Ticket;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        var url = $"https://{target.Host}:{target.Port}/.well-known/reprise/handshake";
        List<string> arguments =
        [
            "-sv", "--http1.1", "--max-time", "60", "--cacert", target.Authority, "--resolve", $"{target.Host}:{target.Port}:127.0.0.1",
            "--tlsv" + target.Kind.Version(), "--tls-max", target.Kind.Version(), "-H", "Connection: close",
        ];
        arguments.AddRange(Enumerable.Repeat(url, Visits));
        var output = await Program.RunAsync("curl", arguments);
        // What it saw on the wire: a resumed handshake has no Certificate.
        var connections = output.Split("* Connected to ")[1..].Select(text => !text.Contains("(IN), TLS handshake, Certificate (11)", StringComparison.Ordinal));
        return [.. connections.Zip(Program.Reports(output), (resumed, report) => new PeerVisit(resumed, report))];
    }
}
