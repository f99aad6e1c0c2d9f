using System.Net.Security;
using Org.BouncyCastle.Tls;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Trace;

/// <summary>
/// Understands the messages of one connection, one after the other, by Bouncy Castle's parsers. What it is given comes from a peer: of a
/// message that is not well formed only type and length are told.
/// </summary>
internal sealed class MessageReader
{
    private const int HandshakeHeader = 4;

    private ClientHelloFacts? _client;
    private ServerHelloFacts? _server;

    private bool IsTls13 => _server is { IsTls13: true };

    public TracedMessage Read(TlsMessage message)
    {
        var told = new TracedMessage(message.Direction, Math.Round(message.At.TotalMilliseconds, 3), message.Bytes.Length, NameOf(message));
        try
        {
            return message.ContentType switch
            {
                TlsMessage.Alert => told with { Alert = AlertDescription.GetName(message.Bytes.Span[1]) },
                TlsMessage.Handshake => ReadHandshake(told, message.Bytes),
                _ => told,
            };
        }
        catch (Exception malformed) when (malformed is IOException or ArgumentException or IndexOutOfRangeException)
        {
            return told;
        }
    }

    private TracedMessage ReadHandshake(TracedMessage told, ReadOnlyMemory<byte> message)
    {
        var body = new MemoryStream(message[HandshakeHeader..].ToArray(), writable: false);
        switch ((short)message.Span[0])
        {
            case HandshakeType.client_hello:
                return told with { ClientHello = _client = ReadClientHello(body) };
            case HandshakeType.server_hello:
                _server = ReadServerHello(body);
                return told with { ServerHello = _server, Type = _server.Retry ? "HelloRetryRequest" : told.Type };
            case HandshakeType.encrypted_extensions:
                return told with { Alpn = TlsExtensionsUtilities.GetAlpnExtensionServer(ReadExtensions(body))?.GetUtf8Decoding() };
            case HandshakeType.certificate:
                return told with { Certificate = ReadCertificate(body) };
            case HandshakeType.new_session_ticket:
                return told with { NewSessionTicket = ReadTicket(body) };
            default:
                return told;
        }
    }

    private static ClientHelloFacts ReadClientHello(MemoryStream body)
    {
        var hello = ClientHello.Parse(body, null);
        var extensions = hello.Extensions ?? new Dictionary<int, byte[]>();
        extensions.TryGetValue(ExtensionType.session_ticket, out var ticket);
        var psks = TlsExtensionsUtilities.GetPreSharedKeyClientHello(extensions);
        var versions = TlsExtensionsUtilities.GetSupportedVersionsExtensionClient(extensions) ?? [hello.Version];
        return new(
            [.. versions.Select(NameOf)],
            Convert.ToHexStringLower(hello.SessionID),
            ticket?.Length,
            ticket is null ? null : TicketFacts.Of(ticket).KeyName,
            [.. (psks?.Identities ?? []).Select(psk => TicketFacts.Of(psk.Identity))],
            [.. (psks?.Binders ?? []).Select(binder => binder.Length)],
            [.. (TlsExtensionsUtilities.GetPskKeyExchangeModesExtension(extensions) ?? []).Select(PskKeyExchangeMode.GetName)],
            [.. (TlsExtensionsUtilities.GetKeyShareClientHello(extensions) ?? []).Select(share => NamedGroup.GetName(share.NamedGroup))],
            TlsExtensionsUtilities.GetServerNameExtensionClient(extensions) is [var name, ..] ? System.Text.Encoding.ASCII.GetString(name.NameData) : null,
            [.. (TlsExtensionsUtilities.GetAlpnExtensionClient(extensions) ?? []).Select(protocol => protocol.GetUtf8Decoding())],
            hello.CipherSuites.Length);
    }

    private ServerHelloFacts ReadServerHello(MemoryStream body)
    {
        var hello = ServerHello.Parse(body);
        var extensions = hello.Extensions ?? new Dictionary<int, byte[]>();
        var version = TlsExtensionsUtilities.GetSupportedVersionsExtensionServer(extensions) ?? hello.Version;
        var id = Convert.ToHexStringLower(hello.SessionID);
        var retry = hello.IsHelloRetryRequest();
        var psk = TlsExtensionsUtilities.GetPreSharedKeyServerHello(extensions);
        int? group = retry
            ? extensions.ContainsKey(ExtensionType.key_share) ? TlsExtensionsUtilities.GetKeyShareHelloRetryRequest(extensions) : null
            : TlsExtensionsUtilities.GetKeyShareServerHello(extensions)?.NamedGroup;
        return new(
            NameOf(version),
            ((TlsCipherSuite)hello.CipherSuite).ToString(),
            id,
            id.Length == 0 ? ServerHelloFacts.Empty : id == _client?.SessionId ? ServerHelloFacts.Echoed : ServerHelloFacts.New,
            extensions.ContainsKey(ExtensionType.session_ticket),
            psk >= 0 ? psk : null,
            group is { } known ? NamedGroup.GetName(known) : null,
            TlsExtensionsUtilities.HasExtendedMasterSecretExtension(extensions),
            retry);
    }

    // RFC 5246 7.4.2; RFC 8446 4.4.2 puts a context before the list, and extensions behind each entry.
    private CertificateFacts ReadCertificate(MemoryStream body)
    {
        if (IsTls13)
            TlsUtilities.ReadOpaque8(body);
        var list = new MemoryStream(TlsUtilities.ReadOpaque24(body), writable: false);
        var (count, bytes) = (0, 0);
        for (; list.Position < list.Length; count++)
        {
            bytes += TlsUtilities.ReadOpaque24(list).Length;
            if (IsTls13)
                TlsUtilities.ReadOpaque16(list);
        }

        return new(count, bytes);
    }

    // RFC 5077 3.3; RFC 8446 4.6.1 has an age to add and a nonce between lifetime and ticket.
    private TicketFacts ReadTicket(MemoryStream body)
    {
        var lifetime = TlsUtilities.ReadUint32(body);
        if (IsTls13)
        {
            TlsUtilities.ReadUint32(body);
            TlsUtilities.ReadOpaque8(body);
        }

        return TicketFacts.Of(TlsUtilities.ReadOpaque16(body), lifetime);
    }

    private static Dictionary<int, byte[]> ReadExtensions(MemoryStream body)
    {
        var list = new MemoryStream(TlsUtilities.ReadOpaque16(body), writable: false);
        var extensions = new Dictionary<int, byte[]>();
        while (list.Position < list.Length)
            extensions[TlsUtilities.ReadUint16(list)] = TlsUtilities.ReadOpaque16(list);
        return extensions;
    }

    private static string NameOf(TlsMessage message) => message.ContentType switch
    {
        TlsMessage.ChangeCipherSpec => "ChangeCipherSpec",
        TlsMessage.Alert => "Alert",
        _ => NameOf((short)message.Bytes.Span[0]),
    };

    // Bouncy Castle spells them as its constants: client_hello.
    private static string NameOf(short type) =>
        string.Concat(HandshakeType.GetName(type).Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string NameOf(ProtocolVersion version) => $"TLS {version.MajorVersion - 2}.{version.MinorVersion - 1}";
}
