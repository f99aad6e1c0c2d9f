using Org.BouncyCastle.Tls;
using Reprise.Edge.Tests.Harness;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>The client's second flight of TLS 1.2 in wrong order, with wrong content, or not at all (RFC 5246 section 7.3 and 7.4).</summary>
[Collection(HostileNode.Collection)]
public sealed class Tls12FlightTests(HostileNode hostile)
{
    private static readonly byte[] ClientKeyExchange = Hello.RecordOf(Hello.MessageOf(Hello.Vector(1, Hello.Share), HandshakeType.client_key_exchange), 0x0303);
    private static readonly byte[] ChangeCipherSpec = Hello.RecordOf([1], 0x0303, ContentType.change_cipher_spec);
    private static readonly byte[] Sealed = Hello.RecordOf(Hello.Bytes(40, 8), 0x0303); // as long as a Finished, and nothing else

    private static readonly Dictionary<string, (byte[] Flight, string Expected)> Table = new()
    {
        ["Finished that does not open"] = ([.. ClientKeyExchange, .. ChangeCipherSpec, .. Sealed], "bad_record_mac"),
        ["Finished too short to be sealed"] = ([.. ClientKeyExchange, .. ChangeCipherSpec, .. Hello.RecordOf([1, 2, 3], 0x0303)], "bad_record_mac"),
        ["ChangeCipherSpec before its time"] = ([.. ChangeCipherSpec, .. Sealed], "unexpected_message"), // CVE-2014-0224
        ["ChangeCipherSpec twice"] = ([.. ClientKeyExchange, .. ChangeCipherSpec, .. ChangeCipherSpec], "bad_record_mac"), // the second one is sealed or nothing
        ["ChangeCipherSpec of another value"] = ([.. ClientKeyExchange, .. Hello.RecordOf([2], 0x0303, ContentType.change_cipher_spec)], "unexpected_message"),
        ["Finished with no ChangeCipherSpec"] = ([.. ClientKeyExchange, .. Hello.RecordOf(Hello.MessageOf(Hello.Bytes(12, 1), HandshakeType.finished), 0x0303)], "unexpected_message"),
        ["application data with no Finished"] = ([.. ClientKeyExchange, .. Hello.RecordOf([.. "GET /"u8], 0x0303, ContentType.application_data)], "unexpected_message"),
        ["heartbeat in between"] = (Hello.RecordOf([1, 0x40, 0, 1], 0x0303, ContentType.heartbeat), "unexpected_message"), // CVE-2014-0160: not even read
        ["a second ClientHello"] = (Hello.RecordOf(Hello.Tls12(EdgeSettings.Stateless).Message(), 0x0303), "unexpected_message"),
        ["a Certificate that nobody asked for"] = (Hello.RecordOf(Hello.MessageOf([0, 0, 0], HandshakeType.certificate), 0x0303), "unexpected_message"),
        ["ClientKeyExchange empty"] = (Hello.RecordOf(Hello.MessageOf([], HandshakeType.client_key_exchange), 0x0303), "handshake_failure"), // OpenSSL: takes it for a static ECDH key, which RFC 8422 5.7 has; else decode_error
        ["ClientKeyExchange cut"] = (Hello.RecordOf(Hello.MessageOf([32, 1, 2], HandshakeType.client_key_exchange), 0x0303), "decode_error"),
        ["ClientKeyExchange with a short share"] = (Hello.RecordOf(Hello.MessageOf([3, 1, 2, 3], HandshakeType.client_key_exchange), 0x0303), "illegal_parameter"),
        ["ClientKeyExchange of low order"] = (Hello.RecordOf(Hello.MessageOf([32, .. Hello.Bytes(32, 0)], HandshakeType.client_key_exchange), 0x0303), "illegal_parameter"),
        ["too many warnings"] = ([.. Enumerable.Repeat(Hello.RecordOf([1, 90], 0x0303, ContentType.alert), 20).SelectMany(alert => alert)], "unexpected_message"),
        ["a fatal alert"] = (Hello.RecordOf([2, 42], 0x0303, ContentType.alert), Outcome.End), // RFC 5246 7.2.2
        ["close_notify"] = (Hello.RecordOf([1, 0], 0x0303, ContentType.alert), Outcome.End),
        ["record of another version"] = (Hello.RecordOf(Hello.MessageOf(Hello.Vector(1, Hello.Share), HandshakeType.client_key_exchange), 0x0301), "protocol_version"),
        ["record over 2^14 + 2048"] = ([22, 3, 3, 0x48, 0x01, .. Hello.Bytes(0x4801, 1)], "record_overflow"),
        ["the end"] = ([], "decode_error"), // OpenSSL: see RecordTests
        ["half a record"] = (ClientKeyExchange[..20], "decode_error"),
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SecondFlight_OutOfOrder_IsAnsweredAsItsRfcSays(string title)
    {
        var (flight, expected) = Table[title];
        using var connection = await RawConnection.OpenAsync(hostile.Node);
        await connection.SendAsync(Hello.Tls12(EdgeSettings.Stateless).Record());
        Assert.Equal(Outcome.Answered, (await connection.OutcomeAsync()).Text);

        await connection.SendAsync(flight);
        connection.End();

        Assert.Equal(expected, (await connection.OutcomeAsync()).Text);
        await hostile.AssertUnharmedAsync();
    }
}
