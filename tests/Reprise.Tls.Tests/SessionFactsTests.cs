using System.Security.Cryptography;

namespace Reprise.Tls.Tests;

/// <summary>Sessions read without OpenSSL: those that clients keep, and those that our tickets hold.</summary>
public sealed class SessionFactsTests : TlsTest
{
    [Theory]
    [InlineData("1.2", false)]
    [InlineData("1.2", true)]
    [InlineData("1.3", false)]
    public async Task ClientsSession_OfEachKind_SaysWhatTheClientSaw(string version, bool noTicket)
    {
        await using var server = await StartAsync();
        var file = Files.File("session.pem");
        var client = await (Client(server, version) with { NoTicket = noTicket, SessionOut = file }).RunAsync();

        Assert.True(SessionFacts.TryRead(DerOf(file), out var facts));

        Assert.Equal(version == "1.3" ? 0x0304 : 0x0303, facts.TlsVersion);
        Assert.Equal((int)server.Last.CipherSuite, facts.CipherSuite);
        Assert.Equal(client.SessionId, Convert.ToHexString(facts.SessionId.Span));
        Assert.Equal(noTicket, facts.Ticket.IsEmpty);
        if (version == "1.2")
            Assert.Equal((Convert.ToHexString(client.Ticket), client.ExtendedMasterSecret), (Convert.ToHexString(facts.Ticket.Span), facts.ExtendedMasterSecret));
        Assert.InRange(facts.MadeAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.True(facts.Timeout > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("1.2")]
    [InlineData("1.3")]
    public async Task Ticket_OpenedByItsKey_SaysWhatTheServerSealed(string version)
    {
        await using var server = await StartAsync();
        var ticket = SessionFile.ReadTicket(await SessionAsync(server, version));

        Assert.True(SessionFacts.TryRead(server.Last.SealingKey!.Open(ticket), out var facts));

        Assert.Equal((int)server.Last.CipherSuite, facts.CipherSuite);
        Assert.Equal(server.Last.Profile.Options.SessionIdContext.ToArray(), facts.SessionIdContext.ToArray());
        Assert.Equal("state"u8.ToArray(), facts.ApplicationData.ToArray());
        Assert.Equal(TimeSpan.FromHours(1), facts.Timeout);
        Assert.False(facts.HasPeer);
    }

    [Fact]
    public async Task Ticket_TamperedOrOfAnotherKey_DoesNotOpen()
    {
        await using var server = await StartAsync();
        var ticket = SessionFile.ReadTicket(await SessionAsync(server, "1.2"));
        var key = server.Last.SealingKey!;

        for (var i = 0; i < ticket.Length; i++)
        {
            var changed = (byte[])ticket.Clone();
            changed[i] ^= 0x10;
            Assert.Null(key.Open(changed));
            Assert.Null(key.Open(ticket.AsSpan(0, i)));
        }

        using var other = new TicketKey(1, key.Name, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        Assert.Null(other.Open(ticket));
        Assert.NotNull(key.Open(ticket));
        key.Dispose();
        Assert.Null(key.Open(ticket));
    }

    // Whoever writes the file may write anything.
    [Fact]
    public async Task Read_ChangedAtAnyPlace_IsReadOrRefusedAndNeverThrows()
    {
        await using var server = await StartAsync();
        var der = DerOf(await SessionAsync(server, "1.3"));

        for (var i = 0; i < der.Length; i++)
        {
            Assert.False(SessionFacts.TryRead(der.AsMemory(0, i), out _));
            foreach (var change in (byte[])[1, 0x7f, 0x80, 0xff])
            {
                var changed = (byte[])der.Clone();
                changed[i] ^= change;
                SessionFacts.TryRead(changed, out _);
            }
        }

        Assert.False(SessionFacts.TryRead((byte[])[.. der, 0], out _));
        Assert.True(SessionFacts.TryRead(der, out _));
    }

    private static byte[] DerOf(string file)
    {
        var pem = File.ReadAllText(file);
        return Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
    }
}
