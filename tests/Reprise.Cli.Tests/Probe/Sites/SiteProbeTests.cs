using System.Text.Json;
using Reprise.Cli.Certs;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Probe.Sites;

/// <summary>Farms of servers that we did not write, which share ticket keys or do not.</summary>
public sealed class SiteProbeTests : IDisposable
{
    private const string Host = "farm.reprise.test";

    private readonly TemporaryDirectory _directory = new();

    public SiteProbeTests() => new PkiDirectory(Pki, TimeProvider.System).Create(new() { Edges = 1, SiteHosts = ["localhost"] });

    private string Pki => _directory.File("pki");

    private string Authority => _directory.File("pki", "ca.crt");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Sites_OfNginxThatSharesTicketKeys_ResumeTicketsElsewhereAndSessionIdsNot()
    {
        var key = ForeignServer.NewTicketKey();
        await using var one = await ForeignServer.NginxAsync(Pki, key);
        await using var other = await ForeignServer.NginxAsync(Pki, key);

        var run = await ProbeAsync($"{Host} {one.Address} {other.Address}", "--repeat", "2", "--json");

        var ways = Ways(run);
        AssertCounts(ways["1.2 session ID"], sameOf4: 4, othersOf4: 0);
        AssertCounts(ways["1.2 ticket"], sameOf4: 4, othersOf4: 4);
        AssertCounts(ways["1.3 ticket"], sameOf4: 4, othersOf4: 4);
        Assert.Equal(ExitCode.Failed, run.ExitCode); // the session IDs
        Assert.All(["1.2 ticket", "1.3 ticket"], way =>
        {
            Assert.Equal(600, ways[way].GetProperty("lifetimeHintSeconds").GetDouble());
            var (full, resumed) = (ways[way].GetProperty("fullHandshake"), ways[way].GetProperty("resumedHandshake"));
            Assert.True(resumed.GetProperty("bytesReceived").GetInt64() < full.GetProperty("bytesReceived").GetInt64());
            Assert.Equal((way[2] == '2' ? 2 : 1, 1), (full.GetProperty("roundTrips").GetInt32(), resumed.GetProperty("roundTrips").GetInt32()));
        });
        Assert.Equal(JsonValueKind.Null, ways["1.2 session ID"].GetProperty("lifetimeHintSeconds").ValueKind);
        Assert.Equal(ExitCode.Done, (await ProbeAsync($"{Host} {one.Address} {other.Address}", "--mode", "stateless")).ExitCode);
    }

    [Fact]
    public async Task Sites_OfNginxWithKeysOfItsOwn_ResumeAtTheSameAddressOnly()
    {
        await using var one = await ForeignServer.NginxAsync(Pki, ticketKey: null);
        await using var other = await ForeignServer.NginxAsync(Pki, ticketKey: null);

        var run = await ProbeAsync($"{Host} {one.Address} {other.Address}", "--repeat", "2", "--json");

        Assert.All(Ways(run).Values, way => AssertCounts(way, sameOf4: 4, othersOf4: 0));
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        var people = await ProbeAsync($"{Host} {one.Address} {other.Address}", "--repeat", "2");
        Assert.Contains("full handshake, at another address", people.Out, StringComparison.Ordinal);
        Assert.Contains("0 of 4", people.Out, StringComparison.Ordinal);
        Assert.All(people.Out.Split('\n').Where(line => !line.Contains(" pairs (", StringComparison.Ordinal)), line => Assert.True(line.TrimEnd().Length <= 100, line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sites_OfHaproxy_AreToldApartByWhetherTheyShareTicketKeys(bool shared)
    {
        var key = shared ? ForeignServer.NewTicketKey() : null;
        await using var one = await ForeignServer.HaproxyAsync(Pki, key);
        await using var other = await ForeignServer.HaproxyAsync(Pki, key);

        var run = await ProbeAsync($"{Host} {one.Address} {other.Address}", "--mode", "stateless", "--repeat", "2", "--json");

        Assert.All(Ways(run).Values, way => AssertCounts(way, sameOf4: 4, othersOf4: shared ? 4 : 0));
        Assert.Equal(shared ? ExitCode.Done : ExitCode.Failed, run.ExitCode);
    }

    [Fact]
    public async Task Sites_ThatDoNotSpeakAVersion_SayThatAndAreNotHeldToIt()
    {
        await using var server = await ForeignServer.NginxAsync(Pki, ticketKey: null, protocols: "TLSv1.2");

        var run = await ProbeAsync($"{Host}:{server.Port}  127.0.0.1 # one node", "--json");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        var ways = Ways(run);
        Assert.False(ways["1.3 ticket"].GetProperty("spoken").GetBoolean());
        Assert.True(ways["1.2 ticket"].GetProperty("spoken").GetBoolean());
        Assert.Equal(3, ways["1.2 ticket"].GetProperty("sameAddress").GetProperty("resumed").GetInt32());
        Assert.Equal(0, ways["1.2 ticket"].GetProperty("otherAddresses").GetProperty("sessions").GetInt32());

        var neither = await ProbeAsync($"{Host}:{server.Port}  127.0.0.1", "--tls", "1.3");
        Assert.Equal(ExitCode.CouldNotRun, neither.ExitCode);
        Assert.Contains("speaks no TLS version that was asked for", neither.Error, StringComparison.Ordinal);
    }

    // It answers a client that asks for a ticket with a session ID, which resumes: but that is not what was asked.
    [Theory]
    [InlineData("openssl")]
    [InlineData("bouncycastle")]
    public async Task Sites_WithoutTickets_AreNotTakenToHaveThem(string client)
    {
        await using var server = await ForeignServer.NginxAsync(Pki, ticketKey: null, tickets: false);

        var run = await ProbeAsync($"{Host} {server.Address}", "--tls", "1.2", "--client", client, "--json");

        var ways = Ways(run);
        Assert.Equal(3, ways["1.2 session ID"].GetProperty("sameAddress").GetProperty("resumed").GetInt32());
        var ticket = Assert.Single(ways["1.2 ticket"].GetProperty("pairs").EnumerateArray());
        Assert.Equal(("notResumed", 0), (ticket.GetProperty("outcome").GetString(), ticket.GetProperty("resumedSessions").GetInt32()));
        Assert.EndsWith("gave no ticket", ticket.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sites_ByBouncyCastle_SeeTheSame()
    {
        var key = ForeignServer.NewTicketKey();
        await using var one = await ForeignServer.NginxAsync(Pki, key);
        await using var other = await ForeignServer.NginxAsync(Pki, key);

        var ways = Ways(await ProbeAsync($"{Host} {one.Address} {other.Address}", "--client", "bouncycastle", "--repeat", "2", "--json"));

        Assert.Equal(["1.2 session ID", "1.2 ticket"], ways.Keys.Order());
        AssertCounts(ways["1.2 session ID"], sameOf4: 4, othersOf4: 0);
        AssertCounts(ways["1.2 ticket"], sameOf4: 4, othersOf4: 4);
        Assert.Equal(600, ways["1.2 ticket"].GetProperty("lifetimeHintSeconds").GetDouble());
    }

    [Fact]
    public async Task Sites_WithoutCa_AreTrustedAsThisMachineTrusts()
    {
        await using var server = await ForeignServer.NginxAsync(Pki, ticketKey: null);
        var sites = _directory.Write("sites", $"{Host} {server.Address}");
        string[] arguments = ["probe", "--sites", sites, "--mode", "stateless"];

        await using var stranger = await NodeProcess.RunAsync("Reprise.Cli", arguments);
        Assert.Equal(ExitCode.CouldNotRun, stranger.ExitCode);
        Assert.Contains("not trusted", stranger.Output, StringComparison.Ordinal);

        await using var friend = await NodeProcess.RunAsync("Reprise.Cli", arguments, new Dictionary<string, string> { ["SSL_CERT_FILE"] = Authority });
        Assert.True(friend.ExitCode == ExitCode.Done, friend.Output);
    }

    [Fact]
    public async Task Sites_WithoutAddresses_AreAskedAtThoseOfTheirName()
    {
        await using var server = await ForeignServer.NginxAsync(Pki, ticketKey: null);

        var run = await ProbeAsync($"localhost:{server.Port}", "--tls", "1.2", "--mode", "stateless", "--json");

        using var told = JsonDocument.Parse(run.Out);
        var site = told.RootElement.GetProperty("sites")[0];
        Assert.Contains(server.Address, site.GetProperty("addresses").EnumerateArray().Select(address => address.GetString()));
        // It may have ::1 besides, where nobody listens.
        var itself = site.GetProperty("ways")[0].GetProperty("pairs").EnumerateArray()
            .Single(pair => pair.GetProperty("from").GetString() == server.Address && pair.GetProperty("to").GetString() == server.Address);
        Assert.Equal("resumed", itself.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Sites_OfWhichOneIsDown_ShowTheOthersAndExitWith2()
    {
        await using var server = await ForeignServer.NginxAsync(Pki, ticketKey: null);

        var run = await ProbeAsync($"{Host} {server.Address}\ngone.reprise.test 127.0.0.1:{FreePort.Next()}\nnowhere.invalid", "--json", "--mode", "stateless");

        Assert.Equal(ExitCode.CouldNotRun, run.ExitCode);
        using var told = JsonDocument.Parse(run.Out);
        var sites = told.RootElement.GetProperty("sites").EnumerateArray().ToList();
        Assert.Equal(3, sites.Count);
        Assert.Equal(3, sites[0].GetProperty("ways")[0].GetProperty("sameAddress").GetProperty("resumed").GetInt32());
        Assert.Equal("unknown", sites[1].GetProperty("ways")[0].GetProperty("pairs")[0].GetProperty("outcome").GetString());
        Assert.Contains("cannot resolve nowhere.invalid", sites[2].GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private Task<CommandRun> ProbeAsync(string sites, params string[] arguments) =>
        CommandRun.OfAsync(["probe", "--sites", _directory.Write("sites", sites), "--ca", Authority, .. arguments]);

    private static Dictionary<string, JsonElement> Ways(CommandRun run)
    {
        Assert.True(run.Out.Length > 0, run.Error);
        var told = JsonSerializer.Deserialize<JsonElement>(run.Out);
        return told.GetProperty("sites")[0].GetProperty("ways").EnumerateArray()
            .ToDictionary(way => $"{way.GetProperty("tls").GetString()} {way.GetProperty("session").GetString()}");
    }

    // Two addresses, two sessions each.
    private static void AssertCounts(JsonElement way, int sameOf4, int othersOf4)
    {
        Assert.Equal((4, sameOf4), (way.GetProperty("sameAddress").GetProperty("sessions").GetInt32(), way.GetProperty("sameAddress").GetProperty("resumed").GetInt32()));
        Assert.Equal((4, othersOf4), (way.GetProperty("otherAddresses").GetProperty("sessions").GetInt32(), way.GetProperty("otherAddresses").GetProperty("resumed").GetInt32()));
    }
}
