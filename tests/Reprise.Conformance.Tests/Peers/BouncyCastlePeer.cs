using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Tls;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>Shares no code with the nodes. Its client resumes TLS 1.2 only.</summary>
internal sealed class BouncyCastlePeer : Peer
{
    public override string Name => "Bouncy Castle";

    public override bool Can(SessionKind kind) => !kind.IsTls13();

    public override Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target) => Task.Run<IReadOnlyList<PeerVisit>>(() =>
    {
        var visits = new List<PeerVisit>();
        TlsSession? session = null;
        byte[]? ticket = null;
        while (visits.Count < Visits)
        {
            using var socket = new TcpClient("127.0.0.1", target.Port);
            var client = new BouncyCastleClient(target.Host, withTicket: target.Kind is SessionKind.Tls12Ticket, session, ticket);
            var protocol = new TlsClientProtocol(socket.GetStream());
            protocol.Connect(client);
            protocol.Stream.Write(Encoding.ASCII.GetBytes(OpenSsl.Get("/.well-known/reprise/handshake", target.Host)));
            var answer = new StreamReader(protocol.Stream).ReadToEnd();
            protocol.Close();
            visits.Add(new(client.Resumed, JsonElement.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..])));
            (session, ticket) = (client.Session ?? session, client.Ticket ?? ticket);
        }

        return visits;
    });
}
