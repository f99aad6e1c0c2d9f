using System.Security.Cryptography.X509Certificates;
using Reprise.Cli.Certs;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Certs;

public sealed class PkiDirectoryTests : IDisposable
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory.File("pki");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Create_Always_MakesAnAuthorityAndEveryRole()
    {
        var made = New().Create(new() { Edges = 2, KeyServices = 2 });

        Assert.Equal(["admin", "ca", "edge-1", "edge-2", "keys-1", "keys-2", "site"], made.Order());
        Assert.Equal(
            made.SelectMany(name => new[] { $"{name}.crt", $"{name}.key" }).Append("keys.kek").Append("dashboard.token").Order(),
            Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Create_Always_KeepsKeysToTheirOwner()
    {
        New().Create(new());

        Assert.All(Directory.GetFiles(Folder, "*.key"), file =>
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.StartsWith("-----BEGIN PRIVATE KEY-----", File.ReadAllText(file), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(PkiDirectory.KeyEncryptionKeyName)]
    [InlineData(PkiDirectory.DashboardTokenName)]
    public void Create_Always_MakesSecretsOfItsOwn(string name)
    {
        New().Create(new());
        new PkiDirectory(_directory.File("other"), TimeProvider.System).Create(new());

        var secret = File.ReadAllText(New().SecretPath(name));
        Assert.Equal(32, Convert.FromBase64String(secret).Length);
        Assert.EndsWith("\n", secret, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(New().SecretPath(name)));
        Assert.NotEqual(secret, File.ReadAllText(_directory.File("other", name)));
        Assert.NotEqual(File.ReadAllText(New().SecretPath(PkiDirectory.KeyEncryptionKeyName)), File.ReadAllText(New().SecretPath(PkiDirectory.DashboardTokenName)));
    }

    [Theory]
    [InlineData("site", new[] { ServerAuth }, null)]
    [InlineData("admin", new[] { ClientAuth }, "spiffe://reprise/admin/admin")]
    [InlineData("edge-1", new[] { ClientAuth }, "spiffe://reprise/edge/edge-1")]
    [InlineData("keys-1", new[] { ServerAuth, ClientAuth }, "spiffe://reprise/keyservice/keys-1")]
    public void Create_ForEachRole_NamesItAndLimitsItsUse(string name, string[] purposes, string? uri)
    {
        New().Create(new());
        using var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "ca.crt"));
        using var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(Folder, $"{name}.crt"), Path.Combine(Folder, $"{name}.key"));

        Assert.True(certificate.HasPrivateKey);
        foreach (var purpose in (string[])[ServerAuth, ClientAuth])
            Assert.Equal(purposes.Contains(purpose), IsTrusted(certificate, authority, purpose));
        var names = new X509SubjectAlternativeNameExtension(certificate.Extensions["2.5.29.17"]!.RawData);
        Assert.Equal(uri is null ? [] : [uri], Uris(names));
    }

    [Fact]
    public void Create_WithFurtherHosts_PutsThemIntoTheServersCertificates()
    {
        New().Create(new() { SiteHosts = ["shop.example", "192.0.2.7"], KeyServiceHosts = ["keys.internal"] });

        using var site = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "site.crt"));
        string[] hosts = ["stateful.reprise.test", "stateless.reprise.test", "other.reprise.test", "localhost", "127.0.0.1", "::1", "shop.example", "192.0.2.7"];
        Assert.All(hosts, host => Assert.True(site.MatchesHostname(host), host));
        Assert.False(site.MatchesHostname("keys.internal"));
        using var keys = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "keys-1.crt"));
        Assert.All((string[])["keyservice", "keys-1", "localhost", "127.0.0.1", "keys.internal"], host => Assert.True(keys.MatchesHostname(host), host));
    }

    [Fact]
    public async Task Create_JudgedByOpenSsl_IsStrictlyValid()
    {
        New().Create(new());

        var leaves = Directory.GetFiles(Folder, "*.crt").Where(file => Path.GetFileName(file) != "ca.crt");
        var verdict = await ProcessRun.OfAsync("openssl", ["verify", "-x509_strict", "-CAfile", Path.Combine(Folder, "ca.crt"), .. leaves]);
        Assert.True(verdict.ExitCode == 0, verdict.Output);

        var wrongUse = await ProcessRun.OfAsync(
            "openssl", ["verify", "-purpose", "sslserver", "-CAfile", Path.Combine(Folder, "ca.crt"), Path.Combine(Folder, "edge-1.crt")]);
        Assert.NotEqual(0, wrongUse.ExitCode);
    }

    [Fact]
    public void Create_WhereOneExists_ChangesNothing()
    {
        New().Create(new());
        var before = Contents();

        var refused = Assert.Throws<CliException>(() => New().Create(new() { Edges = 5 }));

        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void Create_WhereAKeyIsLeftOver_RefusesToOverwriteIt()
    {
        Directory.CreateDirectory(Folder);
        var key = Path.Combine(Folder, "edge-1.key");
        File.WriteAllText(key, "precious");

        Assert.Contains(key, Assert.Throws<CliException>(() => New().Create(new())).Message, StringComparison.Ordinal);

        Assert.Equal("precious", File.ReadAllText(key));
        Assert.Equal([key], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void IssueMissing_ForMoreEdges_IssuesOnlyThoseBySameAuthority()
    {
        New().Create(new() { Edges = 1 });
        var before = Contents();

        Assert.Equal(["edge-2", "edge-3"], New().IssueMissing(new() { Edges = 3 }));

        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllText(file.Key)));
        using var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "ca.crt"));
        using var added = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Folder, "edge-3.crt"));
        Assert.True(IsTrusted(added, authority, ClientAuth));
    }

    // A data folder of an earlier version lacks one or both.
    [Theory]
    [InlineData(PkiDirectory.KeyEncryptionKeyName, PkiDirectory.DashboardTokenName)]
    [InlineData(PkiDirectory.DashboardTokenName, PkiDirectory.KeyEncryptionKeyName)]
    public void IssueMissing_WithoutASecret_MakesItAndLeavesTheOtherAlone(string lost, string kept)
    {
        New().Create(new());
        var before = File.ReadAllText(New().SecretPath(kept));
        File.Delete(New().SecretPath(lost));

        Assert.Empty(New().IssueMissing(new()));

        Assert.Equal(32, Convert.FromBase64String(File.ReadAllText(New().SecretPath(lost))).Length);
        Assert.Equal(before, File.ReadAllText(New().SecretPath(kept)));
    }

    [Fact]
    public void IssueMissing_WithoutTheAuthoritysKey_SaysSo()
    {
        New().Create(new() { Edges = 1 });
        File.Delete(Path.Combine(Folder, "ca.key"));

        Assert.Contains("edge-2.crt", Assert.Throws<CliException>(() => New().IssueMissing(new() { Edges = 2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CertsInit_Twice_FailsUnlessToldIfMissing()
    {
        var first = await CommandRun.OfAsync("certs", "init", "--out", Folder, "--edges", "1");
        Assert.Equal(ExitCode.Done, first.ExitCode);
        var before = Contents();

        (await CommandRun.OfAsync("certs", "init", "--out", Folder)).AssertFailed(ExitCode.Failed, Folder);
        Assert.Equal(ExitCode.Done, (await CommandRun.OfAsync("certs", "init", "--out", Folder, "--if-missing")).ExitCode);

        Assert.Equal(before, Contents());
    }

    private PkiDirectory New() => new(Folder, TimeProvider.System);

    private Dictionary<string, string> Contents() => Directory.GetFiles(Folder).ToDictionary(file => file, File.ReadAllText);

    private static bool IsTrusted(X509Certificate2 certificate, X509Certificate2 authority, string purpose)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new(purpose));
        return chain.Build(certificate);
    }

    private static string[] Uris(X509SubjectAlternativeNameExtension names) =>
        [.. names.Format(multiLine: false).Split(',', StringSplitOptions.TrimEntries).Where(name => name.StartsWith("URI:", StringComparison.Ordinal)).Select(name => name[4..])];
}
