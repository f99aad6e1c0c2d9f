using System.Globalization;
using System.Text.Json;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Certs;

/// <summary><c>certs issue</c>, <c>show</c> and <c>kek</c>; <c>openssl</c> is the judge of what is issued.</summary>
public sealed class CertsCommandTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory.File("pki");

    public async ValueTask InitializeAsync() => Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync("certs", "init", "--out", Folder, "--edges", "1")).ExitCode);

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Init_JudgedByOpenSsl_LimitsItsAuthority()
    {
        var text = await TextAsync("ca");

        Assert.Contains("CA:TRUE, pathlen:0", text, StringComparison.Ordinal);
        Assert.Matches(@"X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n", text);
    }

    [Theory]
    [InlineData("edge", "edge-9", "TLS Web Client Authentication")]
    [InlineData("admin", "anna", "TLS Web Client Authentication")]
    [InlineData("keyservice", "keys-3", "TLS Web Server Authentication, TLS Web Client Authentication")]
    public async Task Issue_ForEachRole_IsJudgedByOpenSslToBeOfThatRole(string role, string name, string purposes)
    {
        var run = await CommandRun.OfAsync("certs", "issue", role, name, "--dir", Folder);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Contains($"{role}/{name}", run.Out, StringComparison.Ordinal);
        var verdict = await ProcessRun.OfAsync("openssl", ["verify", "-x509_strict", "-CAfile", Path.Combine(Folder, "ca.crt"), Path.Combine(Folder, $"{name}.crt")]);
        Assert.True(verdict.ExitCode == 0, verdict.Output);
        var text = await TextAsync(name);
        Assert.Contains($"URI:spiffe://reprise/{role}/{name}", text, StringComparison.Ordinal);
        Assert.Contains("CA:FALSE", text, StringComparison.Ordinal);
        Assert.Matches(@"X509v3 Key Usage: critical\s+Digital Signature\n", text);
        Assert.Matches($@"X509v3 Extended Key Usage: \s*{purposes}\n", text);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, $"{name}.key")));
    }

    [Fact]
    public async Task Issue_WithDaysAndHosts_KeepsToThem()
    {
        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync("certs", "issue", "keyservice", "keys-9", "--dir", Folder, "--days", "7", "--host", "keys.internal")).ExitCode);

        var file = Path.Combine(Folder, "keys-9.crt");
        Assert.Equal(0, (await ProcessRun.OfAsync("openssl", ["x509", "-in", file, "-noout", "-checkend", Seconds(days: 6)])).ExitCode);
        Assert.Equal(1, (await ProcessRun.OfAsync("openssl", ["x509", "-in", file, "-noout", "-checkend", Seconds(days: 8)])).ExitCode);
        Assert.Contains("does match", (await ProcessRun.OfAsync("openssl", ["x509", "-in", file, "-noout", "-checkhost", "keys.internal"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_OfWhatIsThere_ChangesNothing()
    {
        var before = Contents();

        (await CommandRun.OfAsync("certs", "issue", "edge", "edge-1", "--dir", Folder)).AssertFailed(ExitCode.Failed, "--renew");

        Assert.Equal(before, Contents());
    }

    [Fact]
    public async Task Issue_WithRenew_KeepsNothingButTheName()
    {
        var before = Contents();
        var serial = await SerialAsync("edge-1");

        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync("certs", "issue", "edge", "edge-1", "--dir", Folder, "--renew")).ExitCode);

        var changed = Contents().Where(file => before[file.Key] != file.Value).Select(file => Path.GetFileName(file.Key)).Order();
        Assert.Equal(["edge-1.crt", "edge-1.key"], changed);
        Assert.NotEqual(serial, await SerialAsync("edge-1"));
        Assert.Contains("URI:spiffe://reprise/edge/edge-1", await TextAsync("edge-1"), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder, "edge-1.key")));
    }

    // Or one slip gives a node's key to whoever was to be an operator.
    [Fact]
    public async Task Issue_WithRenewIntoAnotherRole_IsRefused()
    {
        var before = Contents();

        (await CommandRun.OfAsync("certs", "issue", "admin", "edge-1", "--dir", Folder, "--renew")).AssertFailed(ExitCode.Failed, "spiffe://reprise/edge/edge-1");

        Assert.Equal(before, Contents());
    }

    [Theory]
    [InlineData("certs issue root edge-1", "edge, admin, keyservice, site")]
    [InlineData("certs issue edge ../edge", "'../edge'")]
    [InlineData("certs issue edge ca", "'ca'")]
    [InlineData("certs issue edge edge-2 --host edge.example", "--host")]
    [InlineData("certs issue edge edge-2 --days 398", "1 to 397")]
    [InlineData("certs issue edge edge-2 --dir /nonexistent", "/nonexistent")]
    [InlineData("certs show /nonexistent/ca.crt", "/nonexistent")]
    [InlineData("certs show --within soon", "--within 'soon'")]
    [InlineData("certs kek", "--out")]
    public async Task Arguments_ThatAreWrong_AreNamedInOneLineWithExit2(string arguments, string named) =>
        (await CommandRun.OfAsync(arguments.Split(' '))).AssertFailed(ExitCode.CouldNotRun, named);

    [Fact]
    public async Task Show_OfAFolder_TellsWhatOpenSslTells()
    {
        var run = await CommandRun.OfAsync("certs", "show", Folder, "--json");

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        using var told = JsonDocument.Parse(run.Out);
        var certificates = told.RootElement.EnumerateArray().ToDictionary(certificate => Path.GetFileNameWithoutExtension(certificate.GetProperty("file").GetString()!));
        Assert.Equal(["admin", "ca", "edge-1", "keys-1", "keys-2", "site"], certificates.Keys.Order());
        foreach (var (name, certificate) in certificates)
            Assert.Equal(await SerialAsync(name), certificate.GetProperty("serial").GetString());
        Assert.Equal(("keyservice/keys-2", "CN=Reprise cluster CA"), (Text(certificates["keys-2"], "identity"), Text(certificates["keys-2"], "issuer")));
        Assert.Equal(["serverAuth", "clientAuth"], certificates["keys-2"].GetProperty("purposes").EnumerateArray().Select(purpose => purpose.GetString()));
        Assert.Equal((true, 0), (certificates["ca"].GetProperty("authority").GetBoolean(), certificates["ca"].GetProperty("pathLength").GetInt32()));
        Assert.Equal(["keyCertSign", "cRLSign"], certificates["ca"].GetProperty("usages").EnumerateArray().Select(usage => usage.GetString()));
        Assert.All(certificates.Values, certificate => Assert.True(Text(certificate, "serial")!.Length >= 32));
    }

    [Fact]
    public async Task Show_OfOneNearItsEnd_SaysSoWithExit1()
    {
        await CommandRun.OfAsync("certs", "issue", "edge", "edge-7", "--dir", Folder, "--days", "7");
        var file = Path.Combine(Folder, "edge-7.crt");

        var run = await CommandRun.OfAsync("certs", "show", file);

        Assert.Equal((ExitCode.Failed, $"reprise: {file} ends in 7 days\n"), (run.ExitCode, run.Error));
        Assert.Contains("edge/edge-7", run.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync("certs", "show", file, "--within", "3")).ExitCode);
    }

    [Fact]
    public async Task Kek_Always_MakesANewOneAndOverwritesNone()
    {
        var file = _directory.File("next.kek");

        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync("certs", "kek", "--out", file)).ExitCode);

        var key = File.ReadAllText(file);
        Assert.Equal(32, Convert.FromBase64String(key).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.NotEqual(key, File.ReadAllText(Path.Combine(Folder, "keys.kek")));
        (await CommandRun.OfAsync("certs", "kek", "--out", file)).AssertFailed(ExitCode.Failed, file);
        Assert.Equal(key, File.ReadAllText(file));
    }

    private async Task<string> TextAsync(string name) =>
        (await ProcessRun.OfAsync("openssl", ["x509", "-in", Path.Combine(Folder, $"{name}.crt"), "-noout", "-text"])).Output;

    private async Task<string> SerialAsync(string name) =>
        (await ProcessRun.OfAsync("openssl", ["x509", "-in", Path.Combine(Folder, $"{name}.crt"), "-noout", "-serial"])).Output.Trim()["serial=".Length..];

    private Dictionary<string, string> Contents() => Directory.GetFiles(Folder).ToDictionary(file => file, File.ReadAllText);

    private static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();

    private static string Seconds(int days) => (days * 86400).ToString(CultureInfo.InvariantCulture);
}
