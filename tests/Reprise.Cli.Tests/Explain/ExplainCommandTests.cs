using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using NoAnswer = Reprise.KeyProtocol.V1.ExplainResponse.Types.NoAnswer;

namespace Reprise.Cli.Tests.Explain;

/// <summary><c>reprise explain</c>: what it takes for a session, what of it goes out, and how it tells what comes back.</summary>
public sealed class ExplainCommandTests(ScriptedCluster cluster) : IClassFixture<ScriptedCluster>, IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 2, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("0a0B0c", "0A0B0C")]
    [InlineData("0a:0b:0c", "0A0B0C")]
    [InlineData("0a 0b 0c-0d", "0A0B0C0D")]
    [InlineData("/////w==", "FFFFFFFF")]
    [InlineData("____-w", "FFFFFFFB")]
    public async Task Session_AsText_IsAskedAboutByItsBytes(string text, string bytes)
    {
        cluster.Answer<ExplainRequest>(_ => Response());

        await cluster.RunAsync("explain", text, "--profile", "shop");

        var offer = Asked();
        Assert.Equal((bytes, SessionKind.Unspecified, "shop", ""), (Convert.ToHexString(offer.Session.Span), offer.Kind, offer.Profile, offer.ServerName));
    }

    [Theory]
    [InlineData(0x0303, 200, SessionKind.Ticket)]
    [InlineData(0x0303, 0, SessionKind.SessionId)]
    [InlineData(0x0304, 200, SessionKind.Ticket)]
    [InlineData(0x0304, 32, SessionKind.Handle)]
    public async Task Session_AsFile_GoesOutWithoutItsSecret(int version, int ticketLength, SessionKind kind)
    {
        cluster.Answer<ExplainRequest>(_ => Response());
        var (id, secret, ticket) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(48), RandomNumberGenerator.GetBytes(ticketLength));
        var file = Write(version, id, secret, ticket, "shop.example");

        await cluster.RunAsync("explain", file);

        var request = Last();
        Assert.Equal((kind, "shop.example"), (request.Offer.Kind, request.Offer.ServerName));
        Assert.Equal(kind is SessionKind.SessionId ? id : ticket, request.Offer.Session.ToByteArray());
        for (var i = 0; i + 8 <= secret.Length; i++)
            Assert.Equal(-1, request.ToByteArray().AsSpan().IndexOf(secret.AsSpan(i, 8)));
    }

    [Fact]
    public async Task Session_AsFileWithAnotherName_IsAskedAboutForThatOne()
    {
        cluster.Answer<ExplainRequest>(_ => Response());
        var file = Write(0x0304, [], new byte[48], new byte[32], "shop.example");

        await cluster.RunAsync("explain", file, "--sni", "other.example");
        Assert.Equal(("other.example", ""), (Asked().ServerName, Asked().Profile));
        await cluster.RunAsync("explain", file, "--profile", "shop");
        Assert.Equal(("", "shop"), (Asked().ServerName, Asked().Profile));
        (await cluster.RunAsync("explain", file, "--profile", "shop", "--sni", "a.example")).AssertFailed(ExitCode.CouldNotRun, "not both");
    }

    // One line that says what is wrong; nobody is asked.
    [Fact]
    public async Task Session_ThatIsNone_IsOneLine()
    {
        var before = cluster.Asked<ExplainRequest>().Count();
        foreach (var (text, said) in new[]
        {
            ("nosuchfile.pem", "'nosuchfile.pem' is no file, and neither hexadecimal nor base64"),
            ("%%%", "neither hexadecimal nor base64"),
            ("", "has 0"),
            (_files.Write("text", "what is this"), "is no session file: it must hold -----BEGIN SSL SESSION PARAMETERS-----"),
            (_files.Write("certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "is no session file"),
            (_files.Write("garbage", "-----BEGIN SSL SESSION PARAMETERS-----\nAAAA\n-----END SSL SESSION PARAMETERS-----\n"), "is no session of OpenSSL's"),
            (Convert.ToHexString(new byte[65536]), "this has 65536"),
        })
        {
            (await cluster.RunAsync("explain", text)).AssertFailed(ExitCode.CouldNotRun, said);
        }

        (await cluster.RunAsync("explain", Write(0x0303, [], new byte[48], [], null))).AssertFailed(ExitCode.Failed, "neither ticket nor session ID");
        Assert.Equal(before, cluster.Asked<ExplainRequest>().Count());
    }

    [Fact]
    public async Task Nodes_OfTwoKeyServices_AreToldTogether()
    {
        cluster.First.Answer<ExplainRequest>(_ => Response(
            Node("edge-1", Good()), Node("edge-2", NoAnswer.Elsewhere), Node("edge-3", NoAnswer.Deadline), Node("edge-4", NoAnswer.Elsewhere)));
        cluster.Second.Answer<ExplainRequest>(_ => Response(
            Node("edge-1", NoAnswer.Elsewhere), Node("edge-2", new SessionExplanation { Declined = "unknown_key", Generation = 6, OfferedTo = "shop", Kind = SessionKind.Ticket }), Node("edge-3", NoAnswer.Elsewhere), Node("edge-4", NoAnswer.Elsewhere)));

        var run = await cluster.RunAsync("explain", "00ff");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Error));
        var lines = run.Out.Split('\n');
        Assert.Contains(lines, line => line.Contains("ticket of 2 bytes", StringComparison.Ordinal));
        Assert.Matches(@"made for +profile shop, scope 0000000a", run.Out);
        Assert.Matches(@"made by +edge-1, TLSv1\.3, TLS_AES_128_GCM_SHA256", run.Out);
        Assert.Matches(@"age +00:10:00 since its full handshake, 2026-11-25 01:50:00Z; good until 2026-11-25 02:50:00Z", run.Out);
        Assert.Matches(@"epoch +12, active; opens until 2026-11-26 02:00:00Z", run.Out);
        Assert.Matches(@"edge-1 +7 +shop +resume it", run.Out);
        Assert.Matches(@"edge-2 +6 \(behind\) +shop +decline it +unknown_key: ", run.Out);
        Assert.Matches(@"edge-3 +no answer +it has not answered within 2 s", run.Out);
        Assert.Matches(@"edge-4 +not asked +its stream is with the key service keys-1", run.Out);
    }

    [Fact]
    public async Task Nodes_ThatAllResume_IsDone()
    {
        cluster.Answer<ExplainRequest>(_ => Response(Node("edge-1", Good()), Node("edge-2", Good())));
        Assert.Equal(ExitCode.Done, (await cluster.RunAsync("explain", "00ff")).ExitCode);

        cluster.Answer<ExplainRequest>(_ => Response(Node("edge-1", new SessionExplanation { NotServed = true })));
        var refused = await cluster.RunAsync("explain", "00ff", "--sni", "nobody.example");
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Matches(@"edge-1 .* refuse it +it serves no such profile", refused.Out);
        cluster.Answer<ExplainRequest>(_ => Response());
        Assert.Equal(ExitCode.Failed, (await cluster.RunAsync("explain", "00ff")).ExitCode);
    }

    [Fact]
    public async Task Json_Always_HasFactsAndEachNodesAnswer()
    {
        cluster.Answer<ExplainRequest>(_ => Response(Node("edge-1", Good()), Node("edge-2", NoAnswer.Deadline)));

        using var told = JsonDocument.Parse((await cluster.RunAsync("explain", "00ff", "--json")).Out);

        var session = told.RootElement.GetProperty("session");
        Assert.Equal(("ticket", "shop", "0000000a", 12, "active"), (
            session.GetProperty("kind").GetString(), session.GetProperty("profile").GetString(), session.GetProperty("scope").GetString(),
            session.GetProperty("epoch").GetInt64(), session.GetProperty("epochState").GetString()));
        Assert.Equal((600, "edge-1", "TLSv1.3"), (session.GetProperty("ageSeconds").GetDouble(), session.GetProperty("issuer").GetString(), session.GetProperty("protocol").GetString()));
        var nodes = told.RootElement.GetProperty("nodes");
        Assert.Equal((true, true), (nodes[0].GetProperty("answered").GetBoolean(), nodes[0].GetProperty("resumes").GetBoolean()));
        Assert.Equal((false, JsonValueKind.Null), (nodes[1].GetProperty("answered").GetBoolean(), nodes[1].GetProperty("resumes").ValueKind));
    }

    // Of two key services one is away: its nodes are named, and why.
    [Fact]
    public async Task KeyService_ThatIsAway_IsALineAndTheOtherAnswers()
    {
        cluster.First.Answer<ExplainRequest>(_ => throw ScriptedKeyService.Unavailable);
        cluster.Second.Answer<ExplainRequest>(_ => Response(Node("edge-1", Good())));

        var run = await cluster.RunAsync("explain", "00ff");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("no key service leads at the moment", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        cluster.Answer<ExplainRequest>(_ => throw ScriptedKeyService.Unavailable);
        (await cluster.RunAsync("explain", "00ff")).AssertFailed(ExitCode.CouldNotRun, "no key service leads at the moment");
    }

    private SessionOffer Asked() => Last().Offer;

    private ExplainRequest Last() => cluster.First.Asked.OfType<ExplainRequest>().Last();

    private string Write(int version, byte[] id, byte[] secret, byte[] ticket, string? serverName)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteInteger(version);
            writer.WriteOctetString([0x13, 0x01]);
            writer.WriteOctetString(id);
            writer.WriteOctetString(secret);
            Field(1, () => writer.WriteInteger(s_now.ToUnixTimeSeconds()));
            Field(2, () => writer.WriteInteger(3600));
            if (serverName is not null)
                Field(6, () => writer.WriteOctetString(Encoding.ASCII.GetBytes(serverName)));
            if (ticket.Length > 0)
                Field(10, () => writer.WriteOctetString(ticket));
        }

        return _files.Write($"{Guid.NewGuid():n}.pem", $"Some words of s_client before.\n{PemEncoding.WriteString("SSL SESSION PARAMETERS", writer.Encode())}\n");

        void Field(int number, Action write)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true)))
                write();
        }
    }

    private static ExplainResponse Response(params ExplainResponse.Types.Node[] nodes) => new() { Service = "keys-1", Generation = 7, Now = Timestamp.FromDateTimeOffset(s_now), Nodes = { nodes } };

    private static ExplainResponse.Types.Node Node(string name, SessionExplanation said) => new() { Name = name, Service = "keys-1", Explanation = said };

    private static ExplainResponse.Types.Node Node(string name, NoAnswer why) => new() { Name = name, Service = "keys-1", NoAnswer = why };

    private static SessionExplanation Good() => new()
    {
        Generation = 7,
        OfferedTo = "shop",
        Kind = SessionKind.Ticket,
        Profile = "shop",
        ScopeTag = 10,
        Epoch = 12,
        EpochState = EpochState.Active,
        OpenUntil = Timestamp.FromDateTimeOffset(s_now.AddDays(1)),
        Issuer = "edge-1",
        OriginalHandshake = Timestamp.FromDateTimeOffset(s_now.AddMinutes(-10)),
        ExpiresAt = Timestamp.FromDateTimeOffset(s_now.AddMinutes(50)),
        TlsVersion = 0x0304,
        CipherSuite = 0x1301,
    };
}
