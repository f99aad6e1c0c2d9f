using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Trace;

/// <summary>Says of each message of a connection what it means for the session.</summary>
internal sealed class Meaning
{
    private ClientHelloFacts? _client;
    private ServerHelloFacts? _server;

    private bool IsTls13 => _server is { IsTls13: true };

    /// <summary>Messages in their order.</summary>
    public string? Of(TracedMessage message) => message switch
    {
        { ClientHello: { } hello } => OfClientHello(hello),
        { ServerHello: { } hello } => OfServerHello(_server = hello),
        { NewSessionTicket: { } ticket } => OfTicket(ticket),
        { Alert: "close_notify" } => "An orderly end: the session stays good.",
        { Alert: { } alert } => $"The {Sender(message)} breaks off: {alert}.",
        { Type: "Certificate", Direction: WireDirection.Received } => "The server shows who it is; a resumed handshake need not.",
        { Type: "Certificate" } => "The client shows who it is.",
        { Type: "ServerKeyExchange" } => "The server's half of the key agreement, signed with the certificate's key: the work that resumption saves.",
        { Type: "CertificateVerify", Direction: WireDirection.Received } => "Signed with the certificate's key: the work that resumption saves.",
        { Type: "CertificateVerify" } => "The client's signature.",
        { Type: "ClientKeyExchange" } => "The client's half of the key agreement.",
        { Type: "ChangeCipherSpec" } => IsTls13 ? "Says nothing in TLS 1.3: it is there for middleboxes." : $"From here on the {Sender(message)} encrypts.",
        { Type: "Finished" } => $"Proves that the {Sender(message)} has the keys and saw the same messages.",
        _ => null,
    };

    private string OfClientHello(ClientHelloFacts hello)
    {
        var again = _client is not null;
        _client = hello;
        if (again)
            return "Once more, with the key share that the server asked for.";
        if (hello.PskIdentities is [var psk, ..])
            return $"Offers a session by its {psk.Kind}; the binder proves that the client knows its secret. The session ID is for middleboxes only.";
        if (hello.KeyShares.Count > 0)
            return "Offers no session.";
        if (hello.TicketBytes > 0)
            return hello.SessionId.Length > 0
                ? "Offers a session by its ticket. The session ID beside it is made up: the server echoes it if it takes the ticket (RFC 5077 3.4)."
                : "Offers a session by its ticket.";
        if (hello.SessionId.Length > 0)
            return "Offers a session by its ID, without a ticket.";
        return hello.TicketBytes is null ? "Offers no session, and wants no ticket." : "Offers no session, and says that it can keep a ticket.";
    }

    private string OfServerHello(ServerHelloFacts hello)
    {
        var offered = _client is { OffersSession: true };
        if (hello.Retry)
            return $"Asks for a key share of {hello.KeyShare ?? "another kind"}: a round trip more.";
        if (hello.IsTls13)
        {
            if (hello.SelectedPsk is { } selected)
            {
                var kind = selected < _client?.PskIdentities.Count ? _client.PskIdentities[selected].Kind : "PSK";
                return $"The server selected PSK {selected}: the {kind} was accepted."
                    + (hello.KeyShare is null ? " Without a key share: no forward secrecy." : " The key shares make new keys all the same.");
            }

            return offered ? "No PSK was selected: the offer was declined, and the handshake is full." : "A full handshake.";
        }

        return hello.SessionIdIs switch
        {
            ServerHelloFacts.Echoed when _client is { TicketBytes: > 0 } => "The server echoed your session ID: the ticket was accepted.",
            ServerHelloFacts.Echoed => "The server echoed your session ID: it found the session.",
            ServerHelloFacts.New => $"A new session ID: {(offered ? "the offer was declined, and " : "")}the handshake is full. By this ID the session can be resumed.",
            _ => $"No session ID: {(offered ? "the offer was declined, and " : "")}the handshake is full. "
                + (hello.TicketFollows ? "A ticket will follow." : "No ticket will follow either: this session cannot be resumed."),
        };
    }

    private string OfTicket(TicketFacts ticket)
    {
        if (ticket.Bytes == 0)
            return "An empty ticket: the server keeps to no session after all.";
        var instead = _server is { IsTls13: false, Resumes: true } ? "A new ticket in place of the one that was offered, whose key seals no more. " : "";
        return instead + (ticket.IsHandle
            ? "A handle: a random name for the session, which stays with the cluster."
            : "The session itself, sealed; whoever has the key of that name can open it.");
    }

    private static string Sender(TracedMessage message) => message.Direction == WireDirection.Sent ? "client" : "server";
}
