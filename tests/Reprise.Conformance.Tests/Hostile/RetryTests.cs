using Org.BouncyCastle.Tls;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using Reprise.Tls.Tests;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>What may change between the first ClientHello and the one that answers a HelloRetryRequest (RFC 8446 section 4.1.2), and what comes of it.</summary>
[Collection(HostileNode.Collection)]
public sealed class RetryTests(HostileNode hostile)
{
    private static Hello First => Hello.Tls13(EdgeSettings.Stateless).With(ExtensionType.key_share, 0, 0);

    private static Hello Second => Hello.Tls13(EdgeSettings.Stateless);

    private static readonly Dictionary<string, (Hello Second, string Expected)> Table = new()
    {
        ["the share that was asked for"] = (Second, Outcome.Answered),
        ["no share again"] = (First, "illegal_parameter"),
        ["a share of another group"] = (Second.With(ExtensionType.key_share, Hello.Vector(2, [0, 23, 0, 65, 4, .. Hello.Bytes(64, 1)])), "illegal_parameter"),
        ["no supported_versions"] = (Second.Without(ExtensionType.supported_versions), "protocol_version"),
        ["the chosen suite withdrawn"] = (Changed(hello => hello.CipherSuites = [CipherSuite.TLS_AES_256_GCM_SHA384]), "illegal_parameter"),
        ["early data, which is not for a second one"] = (Second.With(ExtensionType.early_data), "illegal_parameter"), // 4.2.10
        ["a cookie that was never given"] = (Second.With(ExtensionType.cookie, 0, 2, 1, 2), Outcome.Answered), // OpenSSL: without stateless retries it reads none
    };

    public static TheoryData<string> Cases => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SecondClientHello_OfEachKind_IsAnsweredAsItsRfcSays(string title)
    {
        var (second, expected) = Table[title];

        Assert.Equal(expected, (await RetryAsync(First.Record(), second.Record())).Text);
        await hostile.AssertUnharmedAsync();
    }

    /// <summary>
    /// The profile is chosen by the first ClientHello, and the session of another that comes with the second one must not resume under
    /// either: it is not looked at under a scope that it is not of.
    /// </summary>
    [Theory]
    [InlineData(EdgeSettings.Stateful, EdgeSettings.Stateless)]
    [InlineData(EdgeSettings.Stateless, EdgeSettings.Stateful)]
    public async Task SecondClientHello_WithAnotherNameAndASessionOfIts_DoesNotResume(string first, string other)
    {
        using var files = new TemporaryDirectory();
        var session = files.File("session.pem");
        await hostile.Node.VisitAsync("1.3", other, keep: session);
        var second = await ClientHelloBytes.OfAsync("1.3", session: session, serverName: other);
        var hello = Hello.Tls13(first).With(ExtensionType.key_share, 0, 0);
        // openssl's suites, of which the node takes the same for both.
        hello.CipherSuites = [CipherSuite.TLS_AES_256_GCM_SHA384, 0x1303, CipherSuite.TLS_AES_128_GCM_SHA256];

        var outcome = await RetryAsync(hello.Record(), second);

        Assert.Equal(Outcome.Answered, outcome.Text);
        Assert.False(outcome.Hello!.Extensions.ContainsKey(ExtensionType.pre_shared_key), "A PSK was selected.");
        await hostile.AssertUnharmedAsync();
    }

    private async Task<Outcome> RetryAsync(byte[] first, byte[] second)
    {
        using var connection = await RawConnection.OpenAsync(hostile.Node);
        await connection.SendAsync(first);
        Assert.Equal(Outcome.Retry, (await connection.OutcomeAsync()).Text);
        await connection.SendAsync(second);
        return await connection.OutcomeAsync();
    }

    private static Hello Changed(Action<Hello> change)
    {
        var hello = Second;
        change(hello);
        return hello;
    }
}
