using Org.BouncyCastle.Tls;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using Reprise.Tls.Tests;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>TLS 1.3 sessions presented as no honest client would (RFC 8446 section 4.2.9 to 4.2.11).</summary>
[Collection(HostileNode.Collection)]
public sealed class PreSharedKeyTests(HostileNode hostile)
{
    private static readonly byte[] Handle = Hello.Bytes(32, 0x44);
    private static readonly byte[] Ticket = Hello.Bytes(208, 0x55);
    private static readonly byte[] Binder = Hello.Bytes(32, 0x66);

    // Whoever knows no session of a node's gets a full handshake; OpenSSL looks at the binder of the identity that it takes, and at no other.
    private static readonly Dictionary<string, (byte[] Bytes, string Expected)> Table = new()
    {
        ["unknown ticket"] = (Of([Ticket], [Binder]), Outcome.Answered),
        ["unknown handle"] = (Of([Handle], [Binder]), Outcome.Answered),
        ["ten unknown tickets"] = (Of(Enumerable.Repeat(Ticket, 10), Enumerable.Repeat(Binder, 10)), Outcome.Answered),
        ["ten unknown handles"] = (Of(Enumerable.Repeat(Handle, 10), Enumerable.Repeat(Binder, 10)), Outcome.Answered),
        ["five handles and five tickets"] = (Of([.. Enumerable.Repeat(Handle, 5), .. Enumerable.Repeat(Ticket, 5)], Enumerable.Repeat(Binder, 10)), Outcome.Answered),
        ["800 handles"] = (Of(Enumerable.Repeat(Handle, 800), Enumerable.Repeat(Binder, 800)), Outcome.Answered),
        ["16,000 identities of one byte"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, Hello.PreSharedKeys(Enumerable.Repeat<byte[]>([1], 8000), [Binder]))), Outcome.Answered),
        ["not the last extension"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, Hello.PreSharedKeys([Ticket], [Binder])).With(0xfff0)), "illegal_parameter"), // 4.2.11
        ["twice"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, Hello.PreSharedKeys([Ticket], [Binder])).Twice(ExtensionType.pre_shared_key)), "illegal_parameter"),
        ["without psk_key_exchange_modes"] = (Hello13(hello => hello.Without(ExtensionType.psk_key_exchange_modes).With(ExtensionType.pre_shared_key, Hello.PreSharedKeys([Ticket], [Binder]))), "missing_extension"), // 4.2.9
        ["psk_ke alone"] = (Hello13(hello => hello.With(ExtensionType.psk_key_exchange_modes, 1, 0).With(ExtensionType.pre_shared_key, Hello.PreSharedKeys([Ticket], [Binder]))), Outcome.Answered),
        ["psk_key_exchange_modes empty"] = (Hello13(hello => hello.With(ExtensionType.psk_key_exchange_modes, 0)), "decode_error"),
        ["no identities"] = (Of([], [Binder]), Outcome.Answered), // OpenSSL: no identity, no session; RFC: decode_error
        ["identity of no length"] = (Of([[]], [Binder]), "decode_error"),
        ["identities too long"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, 0xff, 0xff, 0, 1, 1)), "decode_error"),
        ["cut in an identity"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, [0, 10, 0, 32, .. Hello.Bytes(8, 1), 0, 0])), "decode_error"),
        ["cut in an age"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, [.. Hello.Vector(2, [.. Hello.Vector(2, Handle), 0, 0]), .. Hello.Vector(2, Hello.Vector(1, Binder))])), "decode_error"),
        ["bytes behind the binders"] = (Hello13(hello => hello.With(ExtensionType.pre_shared_key, [.. Hello.PreSharedKeys([Ticket], [Binder]), 0])), Outcome.Answered), // OpenSSL: reads binders if it takes an identity; RFC: decode_error
        ["early data with an unknown ticket"] = (Hello13(hello => hello.With(ExtensionType.early_data).With(ExtensionType.pre_shared_key, Hello.PreSharedKeys([Ticket], [Binder]))), Outcome.Answered),
        ["early data without a PSK"] = (Hello13(hello => hello.With(ExtensionType.early_data)), Outcome.Answered),
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Identity_ThatOpensNothing_IsAnsweredAsItsRfcSays(string title)
    {
        var (bytes, expected) = Table[title];

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, bytes);

        Assert.Equal(expected, outcome.Text);
        AssertFull(outcome);
        await hostile.AssertUnharmedAsync();
    }

    // RFC 8446 section 4.2.11: the binder is checked before anything else is done with the session.
    [Theory]
    [InlineData(EdgeSettings.Stateful)]
    [InlineData(EdgeSettings.Stateless)]
    public async Task Binder_ThatIsWrong_EndsTheHandshake(string host)
    {
        var hello = await OfferingAsync(host);
        hello[^1] ^= 1; // the binders are the last of it

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, hello);

        Assert.Equal("illegal_parameter", outcome.Text); // OpenSSL: RFC 8446 6.2 means decrypt_error for it
        await hostile.AssertUnharmedAsync();
    }

    /// <summary>The control of what is around it: with nothing changed, the same bytes resume.</summary>
    [Theory]
    [InlineData(EdgeSettings.Stateful)]
    [InlineData(EdgeSettings.Stateless)]
    public async Task ClientHello_AsTheClientSentIt_Resumes(string host)
    {
        var outcome = await RawConnection.ExchangeAsync(hostile.Node, await OfferingAsync(host));

        Assert.True(outcome.Hello!.Extensions.ContainsKey(ExtensionType.pre_shared_key));
    }

    [Theory]
    [InlineData(EdgeSettings.Stateful)]
    [InlineData(EdgeSettings.Stateless)]
    public async Task RealSession_WithPskKeAlone_IsAFullHandshake(string host)
    {
        var hello = await OfferingAsync(host);
        hello[ClientHelloBytes.FindExtension(hello, ExtensionType.psk_key_exchange_modes) + 5] = (byte)PskKeyExchangeMode.psk_ke;

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, hello);

        AssertFull(outcome);
        Assert.Equal(Outcome.Answered, outcome.Text);
        await hostile.AssertUnharmedAsync();
    }

    [Theory]
    [InlineData(EdgeSettings.Stateful)]
    [InlineData(EdgeSettings.Stateless)]
    public async Task RealSession_WithSuitesOfAnotherHash_IsAFullHandshake(string host)
    {
        var hello = await OfferingAsync(host, "-ciphersuites", "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
        Replace(hello, CipherSuite.TLS_AES_128_GCM_SHA256, 0x13ff);

        var outcome = await RawConnection.ExchangeAsync(hostile.Node, hello);

        AssertFull(outcome);
        Assert.Equal(CipherSuite.TLS_AES_256_GCM_SHA384, outcome.Hello!.CipherSuite);
        await hostile.AssertUnharmedAsync();
    }

    // RFC 8446 section 4.1.2: the client's share was of no use; the PSK comes with both ClientHellos.
    [Theory]
    [InlineData(EdgeSettings.Stateful)]
    [InlineData(EdgeSettings.Stateless)]
    public async Task RealSession_WithHelloRetryRequest_Resumes(string host)
    {
        using var files = new TemporaryDirectory();
        var session = files.File("session.pem");
        await hostile.Node.VisitAsync("1.3", host, keep: session);

        var visit = await hostile.Node.VisitAsync("1.3", host, offer: session, arguments: ["-groups", "ffdhe2048:P-256", "-msg"]);

        Assert.Equal(2, visit.Client.Output.Split("Handshake").Count(text => text.Contains(", ServerHello", StringComparison.Ordinal)));
        Assert.True(visit.Kind is HandshakeKind.Resumed, visit.ToString());
        Assert.Equal("secp256r1", visit.Text("group"));
        await hostile.AssertUnharmedAsync();
    }

    // 0-RTT is never accepted: a client whose session says that it may (here made to say so) is told, and goes on.
    [Theory]
    [InlineData(EdgeSettings.Stateful)]
    [InlineData(EdgeSettings.Stateless)]
    public async Task EarlyData_WithARealSession_IsRejectedAndTheSessionResumes(string host)
    {
        using var files = new TemporaryDirectory();
        var session = files.File("session.pem");
        await hostile.Node.VisitAsync("1.3", host, keep: session);
        await SessionPem.AllowEarlyDataAsync(session);
        var data = files.Write("early", "GET /early HTTP/1.1\r\nHost: nobody\r\n\r\n");

        var visit = await hostile.Node.VisitAsync("1.3", host, offer: session, arguments: ["-early_data", data]);

        Assert.True(visit.Kind is HandshakeKind.Resumed, visit.ToString());
        Assert.Contains("Early data was rejected", visit.Client.Output, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", visit.Client.Response, StringComparison.Ordinal); // the first answer is to what came after it
        await hostile.AssertUnharmedAsync();
    }

    private static void AssertFull(Outcome outcome) =>
        Assert.False(outcome.Hello?.Extensions.ContainsKey(ExtensionType.pre_shared_key) ?? false, "A PSK was selected.");

    /// <summary>openssl's ClientHello with a session that this node has just given.</summary>
    private async Task<byte[]> OfferingAsync(string host, params string[] arguments)
    {
        using var files = new TemporaryDirectory();
        var session = files.File("session.pem");
        var visit = await hostile.Node.VisitAsync("1.3", host, keep: session);
        Assert.Equal("TLS_AES_128_GCM_SHA256", visit.Text("cipher"));
        return await ClientHelloBytes.OfAsync("1.3", session: session, serverName: host, arguments: arguments);
    }

    private static void Replace(byte[] hello, int suite, int other)
    {
        var at = hello.AsSpan().IndexOf(Hello.Number(2, suite));
        Hello.Number(2, other).CopyTo(hello, at);
    }

    private static byte[] Of(IEnumerable<byte[]> identities, IEnumerable<byte[]> binders) =>
        Hello13(hello => hello.With(ExtensionType.pre_shared_key, Hello.PreSharedKeys(identities, binders)));

    private static byte[] Hello13(Action<Hello> spoil)
    {
        var hello = Hello.Tls13(EdgeSettings.Stateful).With(ExtensionType.psk_key_exchange_modes, 1, (byte)PskKeyExchangeMode.psk_dhe_ke);
        spoil(hello);
        return [.. hello.Message().Chunk(16384).SelectMany(part => Hello.RecordOf(part))];
    }
}
