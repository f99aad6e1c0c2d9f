using System.Text;
using Org.BouncyCastle.Tls;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>ClientHellos with one thing wrong, in either version (RFC 8446 section 4.1.2 and 4.2, RFC 5246 section 7.4.1).</summary>
[Collection(HostileNode.Collection)]
public sealed class ClientHelloTests(HostileNode hostile)
{
    private const string Host = EdgeSettings.Stateless;
    private const int Grease = 0x1a1a; // RFC 8701

    // As RFC 8446 section 6.2 has it: what cannot be parsed is decode_error, what can be and must not be illegal_parameter. What begins
    // with "OpenSSL:" is what OpenSSL 3.0 does where the RFC has another word.
    private static readonly Dictionary<string, (byte[] Bytes, string Expected)> Table = new()
    {
        // Versions
        ["SSL 3.0"] = (Of12(hello => hello.LegacyVersion = 0x0300), "handshake_failure"), // SSL 3.0 knows no protocol_version
        ["TLS 1.0"] = (Of12(hello => hello.LegacyVersion = 0x0301), "protocol_version"),
        ["TLS 1.1"] = (Of12(hello => hello.LegacyVersion = 0x0302), "protocol_version"),
        ["TLS 1.1 by supported_versions"] = (Of13(hello => hello.With(ExtensionType.supported_versions, 2, 3, 2)), "protocol_version"),
        ["only versions to come"] = (Of13(hello => hello.With(ExtensionType.supported_versions, 4, 3, 5, 0x7f, 0x1c)), "protocol_version"),
        ["legacy version of the future, no supported_versions"] = (Of12(hello => hello.LegacyVersion = 0x0399), Outcome.Answered), // RFC 5246 E.1: the best we have
        ["supported_versions empty"] = (Of13(hello => hello.With(ExtensionType.supported_versions, 0)), "protocol_version"), // OpenSSL: whatever is wrong with it; RFC: decode_error
        ["supported_versions odd"] = (Of13(hello => hello.With(ExtensionType.supported_versions, 3, 3, 4, 3)), "protocol_version"), // OpenSSL: as above
        ["TLS_FALLBACK_SCSV"] = (Of12(hello => hello.CipherSuites = [.. hello.CipherSuites, CipherSuite.TLS_FALLBACK_SCSV]), "inappropriate_fallback"), // RFC 7507 3

        // Session IDs
        ["session ID of 0"] = (Of13(hello => hello.SessionId = []), Outcome.Answered),
        ["session ID of 1"] = (Of13(hello => hello.SessionId = Hello.Bytes(1, 1)), Outcome.Answered),
        ["session ID of 31"] = (Of13(hello => hello.SessionId = Hello.Bytes(31, 1)), Outcome.Answered),
        ["session ID of 32"] = (Of13(hello => hello.SessionId = Hello.Bytes(32, 1)), Outcome.Answered),
        ["session ID of 33"] = (Of13(hello => hello.SessionId = Hello.Bytes(33, 1)), "decode_error"),
        ["session ID of 255"] = (Of13(hello => hello.SessionId = Hello.Bytes(255, 1)), "decode_error"),
        ["1.2: session ID of 0"] = (Of12(hello => hello.SessionId = []), Outcome.Answered),
        ["1.2: session ID of 1"] = (Of12(hello => hello.SessionId = Hello.Bytes(1, 1)), Outcome.Answered),
        ["1.2: session ID of 31"] = (Of12(hello => hello.SessionId = Hello.Bytes(31, 1)), Outcome.Answered),
        ["1.2: session ID of 32"] = (Of12(hello => hello.SessionId = Hello.Bytes(32, 1)), Outcome.Answered),
        ["1.2: session ID of 33"] = (Of12(hello => hello.SessionId = Hello.Bytes(33, 1)), "decode_error"),

        // Cipher suites and compression
        ["no cipher suites"] = (Of13(hello => hello.CipherSuites = []), "illegal_parameter"), // OpenSSL: the RFC's lower bound is a decode_error
        ["cipher suites odd"] = (Hello.RecordOf(Hello.MessageOf([3, 3, .. Hello.Bytes(32, 3), 0, 0, 3, 0x13, 1, 0x13, 1, 0, 0, 0])), "decode_error"),
        ["no suite in common"] = (Of13(hello => hello.CipherSuites = [0x1399]), "handshake_failure"),
        ["1.2: no suite in common"] = (Of12(hello => hello.CipherSuites = [CipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA]), "handshake_failure"),
        ["no compression methods"] = (Of13(hello => hello.Compressions = []), "decode_error"),
        ["1.2: without null compression"] = (Of12(hello => hello.Compressions = [CompressionMethod.DEFLATE]), "decode_error"), // OpenSSL: RFC 5246 7.4.1.2 names no alert
        ["1.2: compression offered"] = (Of12(hello => hello.Compressions = [CompressionMethod.DEFLATE, CompressionMethod.cls_null]), Outcome.Answered), // and not taken
        ["1.3: compression offered"] = (Of13(hello => hello.Compressions = [CompressionMethod.DEFLATE, CompressionMethod.cls_null]), "illegal_parameter"), // RFC 8446 4.1.2

        // Lengths
        ["cut after the version"] = (Hello.RecordOf(Hello.MessageOf([3, 3])), "decode_error"),
        ["cut in the random"] = (Hello.RecordOf(Hello.MessageOf([3, 3, .. Hello.Bytes(20, 3)])), "decode_error"),
        ["cut in the session ID"] = (Hello.RecordOf(Hello.MessageOf([3, 3, .. Hello.Bytes(32, 3), 32, 1, 2])), "decode_error"),
        ["message longer than what it holds"] = (Hello.RecordOf(Hello.MessageOf([.. Hello.Tls13(Host).Body(), 0, 0])), "decode_error"),
        ["extensions longer than the message"] = (Hello.RecordOf(Hello.MessageOf([.. Hello.Tls13(Host).Start(), 0xff, 0xff, .. Hello.Tls13(Host).Body()[^60..]])), "decode_error"),
        ["extension longer than the extensions"] = (Hello.RecordOf(Hello.MessageOf([.. Hello.Tls13(Host).Start(), .. Hello.Vector(2, [0, 10, 0xff, 0, 0, 2, 0, 29])])), "decode_error"),
        ["extension cut in its head"] = (Hello.RecordOf(Hello.MessageOf([.. Hello.Tls13(Host).Start(), .. Hello.Vector(2, [0, 10, 0])])), "decode_error"),
        ["no extensions at all"] = (Hello.RecordOf(Hello.MessageOf(Hello.Tls12(Host).Start())), "handshake_failure"), // RFC 5246 7.4.1.4.1: means SHA-1, which is refused (RFC 9155)
        ["all that fits into extensions"] = (InRecords(hello => hello.With(0xfff0, Hello.Bytes(60000, 1))), Outcome.Answered),

        // Duplicates: RFC 8446 4.2 forbids them, and illegal_parameter is what there is for it
        ["supported_groups twice"] = (Of13(hello => hello.Twice(ExtensionType.supported_groups)), "illegal_parameter"),
        ["server_name twice"] = (Of13(hello => hello.Twice(ExtensionType.server_name)), "illegal_parameter"),
        ["key_share twice"] = (Of13(hello => hello.Twice(ExtensionType.key_share)), "illegal_parameter"),
        ["supported_versions twice"] = (Of13(hello => hello.Twice(ExtensionType.supported_versions)), "illegal_parameter"),
        ["1.2: extended_master_secret twice"] = (Of12(hello => hello.Twice(ExtensionType.extended_master_secret)), "illegal_parameter"),
        ["1.2: session_ticket twice"] = (Of12(hello => hello.With(ExtensionType.session_ticket).Twice(ExtensionType.session_ticket)), "illegal_parameter"),
        // Ours to ignore, and OpenSSL looks for duplicates among those that it knows.
        ["unknown extension twice"] = (Of13(hello => hello.With(0xfff0, 1, 2).Twice(0xfff0)), Outcome.Answered),

        // GREASE and the unknown: ignored (RFC 8701 3.1, RFC 8446 4.1.2)
        ["GREASE everywhere"] = (Of13(hello =>
        {
            hello.CipherSuites = [Grease, .. hello.CipherSuites];
            hello.With(Grease, 0).With(ExtensionType.supported_groups, Hello.Vector(2, [0x1a, 0x1a, 0, 29])).With(ExtensionType.supported_versions, 4, 0x1a, 0x1a, 3, 4)
                .With(ExtensionType.key_share, Hello.Vector(2, [0x1a, 0x1a, 0, 1, 0, 0, 29, 0, 32, .. Hello.Share]))
                .With(ExtensionType.application_layer_protocol_negotiation, Hello.Vector(2, [2, 0x1a, 0x1a, 2, .. "h2"u8]));
        }), Outcome.Answered),
        ["1.2: GREASE"] = (Of12(hello =>
        {
            hello.CipherSuites = [Grease, .. hello.CipherSuites];
            hello.With(Grease, 0).With(0xfafa);
        }), Outcome.Answered),
        ["heartbeat offered"] = (Of12(hello => hello.With(ExtensionType.heartbeat, 1)), Outcome.Answered), // RFC 6520 2: not taken

        // server_name (RFC 6066 section 3)
        ["server_name empty"] = (Of13(hello => hello.With(ExtensionType.server_name)), "decode_error"),
        ["server_name list empty"] = (Of13(hello => hello.With(ExtensionType.server_name, 0, 0)), "decode_error"),
        ["server_name of no length"] = (Of13(hello => hello.With(ExtensionType.server_name, Hello.ServerName(""))), Outcome.Answered), // OpenSSL: reads it as no name (so the default profile); RFC: decode_error
        ["server_name list too long"] = (Of13(hello => hello.With(ExtensionType.server_name, [0, 99, 0, 0, 1, (byte)'a'])), "decode_error"),
        ["server_name with bytes after it"] = (Of13(hello => hello.With(ExtensionType.server_name, [.. Hello.ServerName(Host), 0])), "decode_error"),
        ["server_name of unknown type"] = (Of13(hello => hello.With(ExtensionType.server_name, Hello.Vector(2, [9, 0, 1, (byte)'a']))), "decode_error"),
        ["server_name with NUL"] = (Of13(hello => hello.With(ExtensionType.server_name, Hello.ServerName("stateful.reprise.test\0.evil.example"))), "unrecognized_name"),
        ["server_name of 256"] = (Of13(hello => hello.With(ExtensionType.server_name, Hello.ServerName(new string('a', 256)))), "unrecognized_name"),
        ["two server_names"] = (Of13(hello => hello.With(ExtensionType.server_name, Hello.ServerName(Encoding.ASCII.GetBytes(Host), "other.example"u8.ToArray()))), "decode_error"),
        ["server_name with bytes that are no name"] = (Of13(hello => hello.With(ExtensionType.server_name, Hello.ServerName("\x01 \x7f~"))), Outcome.Answered), // the default profile's

        // ALPN (RFC 7301)
        ["ALPN with nothing in common"] = (Of13(hello => hello.With(ExtensionType.application_layer_protocol_negotiation, Hello.Vector(2, Hello.Vector(1, [.. "smtp"u8])))), "no_application_protocol"),
        ["1.2: ALPN with nothing in common"] = (Of12(hello => hello.With(ExtensionType.application_layer_protocol_negotiation, Hello.Vector(2, Hello.Vector(1, [.. "smtp"u8])))), "no_application_protocol"),
        ["ALPN empty"] = (Of13(hello => hello.With(ExtensionType.application_layer_protocol_negotiation)), "decode_error"),
        ["ALPN list empty"] = (Of13(hello => hello.With(ExtensionType.application_layer_protocol_negotiation, 0, 0)), "decode_error"),
        ["ALPN name empty"] = (Of13(hello => hello.With(ExtensionType.application_layer_protocol_negotiation, Hello.Vector(2, [2, .. "h2"u8, 0]))), "decode_error"),
        ["ALPN name too long"] = (Of13(hello => hello.With(ExtensionType.application_layer_protocol_negotiation, Hello.Vector(2, [200, .. "h2"u8]))), "decode_error"),

        // Groups and key shares
        ["no supported_groups"] = (Of13(hello => hello.Without(ExtensionType.supported_groups)), "missing_extension"), // RFC 8446 9.2
        ["no key_share"] = (Of13(hello => hello.Without(ExtensionType.key_share)), "missing_extension"),
        ["no signature_algorithms"] = (Of13(hello => hello.Without(ExtensionType.signature_algorithms)), "missing_extension"),
        ["supported_groups odd"] = (Of13(hello => hello.With(ExtensionType.supported_groups, 0, 3, 0, 29, 0)), "decode_error"),
        ["no group in common"] = (Of13(hello => hello.With(ExtensionType.supported_groups, 0, 2, 1, 4).With(ExtensionType.key_share, 0, 0)), "handshake_failure"),
        ["share of another group than offered"] = (Of13(hello => hello.With(ExtensionType.supported_groups, 0, 2, 0, 23)), "illegal_parameter"), // RFC 8446 4.2.8
        ["share too short"] = (Of13(hello => hello.With(ExtensionType.key_share, Hello.Vector(2, [0, 29, 0, 31, .. Hello.Bytes(31, 1)]))), "illegal_parameter"),
        ["share of no length"] = (Of13(hello => hello.With(ExtensionType.key_share, Hello.Vector(2, [0, 29, 0, 0]))), "decode_error"),
        ["share of low order"] = (Of13(hello => hello.With(ExtensionType.key_share, Hello.Vector(2, [0, 29, 0, 32, .. Hello.Bytes(32, 0)]))), "illegal_parameter"), // RFC 7748 6.1
        ["share off the curve"] = (Of13(hello => hello.With(ExtensionType.key_share, Hello.Vector(2, [0, 23, 0, 65, 4, .. Hello.Bytes(64, 1)]))), "illegal_parameter"), // RFC 8446 4.2.8.2
        ["signature_algorithms odd"] = (Of13(hello => hello.With(ExtensionType.signature_algorithms, 0, 3, 4, 3, 8)), "decode_error"),
        ["no signature algorithm in common"] = (Of13(hello => hello.With(ExtensionType.signature_algorithms, 0, 2, 8, 7)), "handshake_failure"), // Ed25519 alone

        // What TLS 1.2 brings along
        ["1.2: renegotiation_info of another connection"] = (Of12(hello => hello.With(ExtensionType.renegotiation_info, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)), "handshake_failure"), // RFC 5746 3.6
        ["1.2: renegotiation_info cut"] = (Of12(hello => hello.With(ExtensionType.renegotiation_info, 12, 1)), "decode_error"),
        ["1.2: extended_master_secret with content"] = (Of12(hello => hello.With(ExtensionType.extended_master_secret, 1)), "decode_error"),
        ["max_fragment_length unknown"] = (Of12(hello => hello.With(ExtensionType.max_fragment_length, 9)), "illegal_parameter"), // RFC 6066 4
        ["max_fragment_length of 2^9"] = (Of12(hello => hello.With(ExtensionType.max_fragment_length, 1)), Outcome.Answered),
        ["1.2: point formats without uncompressed"] = (Of12(hello => hello.With(ExtensionType.ec_point_formats, 1, 2)), Outcome.Answered), // OpenSSL: sends uncompressed points all the same; RFC 8422 5.1.2: illegal_parameter
        ["status_request malformed"] = (Of13(hello => hello.With(ExtensionType.status_request, 1, 0, 9, 0)), "decode_error"),
        ["cookie that was never given"] = (Of13(hello => hello.With(ExtensionType.cookie, 0, 2, 1, 2)), Outcome.Answered),
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task ClientHello_WithOneThingWrong_IsAnsweredAsItsRfcSays(string title)
    {
        var (bytes, expected) = Table[title];

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, bytes);

        Assert.Equal(expected, outcome.Text);
        if (outcome.Hello is { } answer)
            AssertTakesNothingOver(answer, title);
        await hostile.AssertUnharmedAsync();
    }

    /// <summary>No compression, no heartbeat; the session ID as RFC 8446 4.1.3 has it in TLS 1.3, and a new one in TLS 1.2.</summary>
    private static void AssertTakesNothingOver(ServerHello answer, string title)
    {
        Assert.False(answer.Extensions?.ContainsKey(ExtensionType.heartbeat) ?? false);
        Assert.False(answer.Extensions?.ContainsKey(ExtensionType.cookie) ?? false);
        if (title.StartsWith("session ID of ", StringComparison.Ordinal))
            Assert.Equal(Hello.Bytes(int.Parse(title.AsSpan("session ID of ".Length), provider: null), 1), answer.SessionID);
        if (title.StartsWith("1.2: session ID of ", StringComparison.Ordinal))
            Assert.DoesNotContain((byte)1, answer.SessionID.Take(1).Where(_ => answer.SessionID.All(value => value == 1)));
    }

    private static byte[] Of13(Action<Hello> spoil)
    {
        var hello = Hello.Tls13(Host);
        spoil(hello);
        return hello.Record();
    }

    private static byte[] Of12(Action<Hello> spoil)
    {
        var hello = Hello.Tls12(Host);
        spoil(hello);
        return hello.Record();
    }

    private static byte[] InRecords(Action<Hello> spoil)
    {
        var hello = Hello.Tls13(Host);
        spoil(hello);
        return [.. hello.Message().Chunk(16384).SelectMany(part => Hello.RecordOf(part))];
    }
}
