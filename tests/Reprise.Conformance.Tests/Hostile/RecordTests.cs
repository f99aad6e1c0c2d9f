using System.Text;
using Org.BouncyCastle.Tls;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>The record layer (RFC 8446 section 5, RFC 5246 section 6): what is wrong before there is a ClientHello to look at.</summary>
[Collection(HostileNode.Collection)]
public sealed class RecordTests(HostileNode hostile)
{
    private static readonly byte[] Hello13 = Hello.Tls13(EdgeSettings.Stateless).Record();
    private static readonly byte[] Message = Hello.Tls13(EdgeSettings.Stateless).Message();

    // What begins with "OpenSSL:" below is what OpenSSL 3.0 does where the RFC has another word, or none.
    private static readonly Dictionary<string, (byte[] Bytes, string Expected)> Table = new()
    {
        ["nothing"] = ([], "decode_error"), // OpenSSL: an end that comes too early is a decode_error; RFC 8446 6.1 has no alert for it
        ["plain HTTP"] = (Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"), Outcome.End),
        ["plain HTTP proxy"] = (Encoding.ASCII.GetBytes("CONNECT shop.example:443 HTTP/1.1\r\n\r\n"), Outcome.End),
        ["head of a record"] = (Hello13[..4], "decode_error"), // as above
        ["half a record"] = (Hello13[..60], "decode_error"),
        ["unknown content type"] = (Hello.RecordOf(Message, type: 99), "unexpected_message"), // RFC 8446 5
        ["application data first"] = (Hello.RecordOf(Message, type: ContentType.application_data), "unexpected_message"),
        ["heartbeat first"] = (Hello.RecordOf([1, 0, 16, .. Hello.Bytes(16, 9)], type: ContentType.heartbeat), "unexpected_message"), // RFC 6520 4
        ["ChangeCipherSpec first"] = ([.. Hello.RecordOf([1], type: ContentType.change_cipher_spec), .. Hello13], "unexpected_message"), // RFC 8446 5
        ["ChangeCipherSpec of two bytes"] = (Hello.RecordOf([1, 1], type: ContentType.change_cipher_spec), "unexpected_message"),
        ["fatal alert first"] = (Hello.RecordOf([2, 40], type: ContentType.alert), "unexpected_message"), // OpenSSL: before a ClientHello even an alert is out of order; RFC 8446 6.2: close
        ["alert of one byte"] = (Hello.RecordOf([2], type: ContentType.alert), "unexpected_message"), // OpenSSL: as above
        ["record of version 4"] = (Hello.RecordOf(Message, version: 0x0401), Outcome.End), // OpenSSL: not TLS, so no alert; RFC 8446 5.1 would have it ignored
        ["record over 2^14"] = (Hello.RecordOf(Hello.Bytes(16385, 1)), "record_overflow"), // RFC 8446 5.1
        ["record of 2^16 - 1"] = ([22, 3, 1, 0xff, 0xff, .. Hello.Bytes(65535, 1)], "record_overflow"),
        ["empty handshake record"] = ([22, 3, 1, 0, 0, .. Hello13], Outcome.Answered), // OpenSSL: up to 32 in a row pass; RFC 8446 5.1: not to be sent
        ["33 empty handshake records"] = ([.. Enumerable.Repeat<byte[]>([22, 3, 1, 0, 0], 33).SelectMany(record => record)], "unexpected_message"),
        ["ClientHello a byte a record"] = ([.. Message.SelectMany(value => Hello.RecordOf([value]))], Outcome.Answered), // RFC 8446 5.1: may be fragmented
        ["ClientHello in two records, in the head"] = ([.. Hello.RecordOf(Message[..2]), .. Hello.RecordOf(Message[2..])], Outcome.Answered),
        ["ClientHello with another message behind it"] = (Hello.RecordOf([.. Message, .. Message]), "unexpected_message"), // RFC 8446 5.1: not past a key change
        ["alert between fragments"] = ([.. Hello.RecordOf(Message[..20]), .. Hello.RecordOf([1, 0], type: ContentType.alert), .. Hello.RecordOf(Message[20..])], "unexpected_message"),
        ["Finished first"] = (Hello.RecordOf(Hello.MessageOf(Hello.Bytes(12, 1), HandshakeType.finished)), "unexpected_message"),
        ["unknown handshake type"] = (Hello.RecordOf(Hello.MessageOf(Hello.Bytes(12, 1), 77)), "unexpected_message"),
        ["ClientHello of 2^24 - 1"] = (Hello.RecordOf([1, 0xff, 0xff, 0xff, .. Message[4..]]), "illegal_parameter"), // OpenSSL: over its own limit
        ["ClientHello of no length"] = (Hello.RecordOf([1, 0, 0, 0]), "decode_error"),
        ["SSLv2 ClientHello"] = (Ssl2Hello(), "handshake_failure"), // it has no signature algorithms; RFC 8446 D.5: never SSL 2.0
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Record_OutOfOrder_IsAnsweredAsItsRfcSays(string title)
    {
        var (bytes, expected) = Table[title];

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, bytes);

        Assert.Equal(expected, outcome.Text);
        await hostile.AssertUnharmedAsync();
    }

    // RFC 5246 appendix E.2: for TLS 1.2, with suites of three bytes.
    private static byte[] Ssl2Hello()
    {
        byte[] suites = [0, 0xc0, 0x2b, 0, 0xc0, 0x2f, 0, 0, 0xff];
        byte[] body = [1, 3, 3, .. Hello.Number(2, suites.Length), 0, 0, 0, 16, .. suites, .. Hello.Bytes(16, 5)];
        return [.. Hello.Number(2, 0x8000 | body.Length), .. body];
    }
}
