using System.Text.Json;
using Reprise.Cli.Tests.Scripted;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Tests.Audit;

public sealed class AuditCommandTests : IAsyncLifetime
{
    private readonly ScriptedCluster _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Audit_Always_ShowsWhoDidWhat()
    {
        _cluster.Answer<AuditRequest>(_ => AuditChainTests.Written(2));

        var run = await _cluster.RunAsync("audit");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"1 +2026-11-24 \d\d:\d\d:\d\d\.123Z +keys-1 +admin/anna +revoke +7 +ok +2 nodes", run.Out);
        Assert.DoesNotContain("follows", run.Out, StringComparison.Ordinal);
        Assert.Equal((100, 0, false), (Asked().Last, Asked().After, Asked().Follow));
    }

    [Fact]
    public async Task Verify_OfAWholeLog_SaysHowFarBackItHolds()
    {
        _cluster.Answer<AuditRequest>(_ => AuditChainTests.Written(5));

        var run = await _cluster.RunAsync("audit", "--verify");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains("Entries 1 to 5: each follows from the one before, back to the first.", run.Out, StringComparison.Ordinal);
        Assert.Equal(0, Asked().Last);
    }

    [Fact]
    public async Task Verify_OfTheEndOfALog_SaysWhereItBegins()
    {
        _cluster.Answer<AuditRequest>(_ => AuditChainTests.Written(5)[3..]);

        using var told = JsonDocument.Parse((await _cluster.RunAsync("audit", "--verify", "--last", "2", "--json")).Out);

        Assert.Equal(2, told.RootElement.GetProperty("entries").GetArrayLength());
        Assert.Equal((4, 5), (told.RootElement.GetProperty("verified").GetProperty("from").GetInt64(), told.RootElement.GetProperty("verified").GetProperty("to").GetInt64()));
        Assert.Equal(2, Asked().Last);
    }

    [Theory]
    [InlineData]
    [InlineData("--follow")]
    [InlineData("--json")]
    public async Task Verify_WhereOneDoesNotFollow_NamesTheFirstWithExit1(params string[] arguments)
    {
        _cluster.Answer<AuditRequest>(_ => AuditChainTests.Written(6).Where(entry => entry.Sequence is not (3 or 5)));

        var run = await _cluster.RunAsync(["audit", "--verify", .. arguments]);

        Assert.Equal((ExitCode.Failed, "reprise: the audit does not hold: entry 3 is missing\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Follow_WhereTheKeyServiceGoes_GoesOnWithTheOtherFromThere()
    {
        var written = AuditChainTests.Written(4);
        _cluster.First.Answer<AuditRequest>(_ => BrokenOff());
        _cluster.Second.Answer<AuditRequest>(request => written.Where(entry => entry.Sequence > request.After));

        var run = await _cluster.RunAsync("audit", "--follow", "--verify", "--json");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line)).ToList();
        Assert.Equal([1, 2, 3, 4], lines.Select(line => line.RootElement.GetProperty("sequence").GetInt64()));
        Assert.Equal("a2c17df515e643dbed3e5892c42b02516a3bab0671050caa152cf7e674dbe56d", lines[0].RootElement.GetProperty("hash").GetString());

        IEnumerable<AuditEntry> BrokenOff()
        {
            yield return written[0];
            yield return written[1];
            throw ScriptedKeyService.Unavailable;
        }
    }

    private AuditRequest Asked() => _cluster.Asked<AuditRequest>().Last();
}
