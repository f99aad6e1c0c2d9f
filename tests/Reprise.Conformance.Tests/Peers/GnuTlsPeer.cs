using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>gnutls-cli --resume: connects twice, and asks for something the second time only.</summary>
internal sealed class GnuTlsPeer : Peer
{
    public override string Name => "GnuTLS";

    public override IReadOnlyList<string> Programs => ["gnutls-cli"];

    public override int Visits => 2;

    public override bool Can(SessionKind kind) => true;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        var noTicket = target.Kind is SessionKind.Tls12SessionId ? ":%NO_TICKETS" : "";
        List<string> arguments =
        [
            "--resume", "--priority", $"NORMAL:-VERS-ALL:+VERS-TLS{target.Kind.Version()}{noTicket}", "--x509cafile", target.Authority,
            "--sni-hostname", target.Host, "--verify-hostname", target.Host, "--port", $"{target.Port}",
        ];
        if (target.Kind.IsTls13())
            arguments.Add("--waitresumption"); // for the ticket, which comes after the handshake
        var output = await Program.RunAsync("gnutls-cli", [.. arguments, "127.0.0.1"], OpenSsl.Get("/.well-known/reprise/handshake", target.Host));
        var parts = output.Split("- Connecting again- trying to resume previous session", 2);
        if (parts.Length != 2 || Program.Reports(parts[1]) is not [var report])
            throw new InvalidOperationException($"No second connection, or no report:\n{output}");
        return [new(Resumed(parts[0]), Report: null), new(Resumed(parts[1]), report)];

        static bool Resumed(string text) => text.Contains("*** This is a resumed session", StringComparison.Ordinal);
    }
}
