using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>The program, which keeps its session in a file.</summary>
internal sealed class OpenSslPeer : Peer
{
    public override string Name => "openssl";

    public override IReadOnlyList<string> Programs => ["openssl"];

    public override bool Can(SessionKind kind) => true;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        var session = target.File("session.pem");
        var visits = new List<PeerVisit>();
        while (visits.Count < Visits)
        {
            var result = await new OpenSsl(target.Address)
            {
                ServerName = target.Host,
                Version = target.Kind.Version(),
                NoTicket = target.Kind is SessionKind.Tls12SessionId,
                CaFile = target.Authority,
                SessionIn = visits.Count > 0 ? session : null,
                SessionOut = session,
                Request = OpenSsl.Get("/.well-known/reprise/handshake", target.Host),
            }.RunAsync();
            if (result.Kind is HandshakeKind.None)
                throw new InvalidOperationException(result.ToString());
            // s_client's own words may follow on the same line.
            var line = result.Output.Split('\n').First(line => line.StartsWith("{\"node\"", StringComparison.Ordinal));
            visits.Add(new(result.Kind is HandshakeKind.Resumed, JsonElement.Parse(line[..(line.LastIndexOf('}') + 1)])));
        }

        return visits;
    }
}
