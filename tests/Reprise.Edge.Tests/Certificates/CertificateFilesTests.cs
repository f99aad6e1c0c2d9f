using Reprise.Edge.Certificates;
using Reprise.Edge.Profiles;
using Reprise.Testing;
using Reprise.Testing.Sites;
using Reprise.Tls;

namespace Reprise.Edge.Tests.Certificates;

/// <summary>What certificate files may be like, and what each mistake is answered with. The <c>openssl</c> command makes the formats.</summary>
public sealed class CertificateFilesTests : IDisposable
{
    private const string Section = "Profiles:shop:Certificates:0";
    private const string Secret = "open-sesame";
    private const string Pass = $"pass:{Secret}";

    private static readonly SiteAuthority s_authority = new();
    private static readonly Site s_ecdsa = s_authority.Issue();
    private static readonly Site s_rsa = s_authority.Issue(new SiteRequest { Kind = SiteKind.Rsa2048 });

    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(SiteKind.EcdsaP256, "EC PRIVATE KEY", "ec")] // SEC1
    [InlineData(SiteKind.Rsa2048, "RSA PRIVATE KEY", "rsa -traditional")] // PKCS#1
    [InlineData(SiteKind.EcdsaP256, "ENCRYPTED PRIVATE KEY", $"pkcs8 -topk8 -v2 aes-256-cbc -passout {Pass}")]
    [InlineData(SiteKind.Rsa2048, "ENCRYPTED PRIVATE KEY", $"pkcs8 -topk8 -scrypt -passout {Pass}")]
    [InlineData(SiteKind.Ed25519, "ENCRYPTED PRIVATE KEY", $"pkcs8 -topk8 -passout {Pass}")]
    [InlineData(SiteKind.Rsa2048, "Proc-Type: 4,ENCRYPTED", $"rsa -traditional -aes128 -passout {Pass}")]
    [InlineData(SiteKind.EcdsaP256, "Proc-Type: 4,ENCRYPTED", $"ec -aes128 -passout {Pass}")]
    public async Task Key_InAnyPemFormat_IsTheCertificates(SiteKind kind, string mark, string command)
    {
        var site = s_authority.Issue(new SiteRequest { Kind = kind });
        var options = Write(site);
        var converted = _files.File("converted.key");
        await OpenSslTool.RunAsync([.. command.Split(' '), "-in", options.Key, "-out", converted]);
        Assert.Contains(mark, await File.ReadAllTextAsync(converted), StringComparison.Ordinal);
        options.Key = converted;
        options.PasswordFile = command.Contains(Pass, StringComparison.Ordinal) ? Password() : null;

        RequireUsable(options, site);
    }

    [Theory]
    [InlineData(SiteKind.EcdsaP256)]
    [InlineData(SiteKind.Rsa2048)]
    public async Task Pkcs12_WithItsPassphrase_IsKeyAndChain(SiteKind kind)
    {
        var site = s_authority.Issue(new SiteRequest { Kind = kind });
        // The root in it too, before the intermediate: the format has no order.
        var facts = RequireUsable(new CertificateOptions { Pkcs12 = await Pkcs12Async(site, Site.Pem(s_authority.Root, s_authority.Intermediate)), PasswordFile = Password() }, site);

        Assert.Empty(facts.Warnings);
        Assert.Equal(kind is SiteKind.Rsa2048 ? "RSA" : "ECDSA", facts.KeyType);
    }

    // As editors save it, with and without a line's end, or one of Windows.
    [Theory]
    [InlineData(Secret)]
    [InlineData(Secret + "\n")]
    [InlineData(Secret + "\r\nsecond line\n")]
    public async Task Passphrase_IsTheFirstLine(string content)
    {
        var options = await EncryptedAsync();
        await File.WriteAllTextAsync(options.PasswordFile!, content);

        RequireUsable(options, s_rsa);
    }

    // One file for both, as HAProxy has it.
    [Fact]
    public void Chain_AndKeyInOneFile_AreBothFound()
    {
        var options = Write(s_ecdsa);
        File.AppendAllText(options.Key, s_ecdsa.Chain);
        options.Chain = options.Key;

        RequireUsable(options, s_ecdsa);
    }

    [Fact]
    public void Chain_InOrder_HasNoWarnings() => Assert.Empty(RequireUsable(Write(s_ecdsa), s_ecdsa).Warnings);

    [Fact]
    public void Chain_InWrongOrder_NamesThePosition()
    {
        Fails(Write(s_ecdsa, s_ecdsa.Leaf, s_authority.Root, s_authority.Intermediate),
            $":Chain is '{Crt}', whose certificate 2 ({s_authority.Root.SubjectDN}) did not sign certificate 1 (CN=site.test); allowed: the leaf first, then each");
        Fails(Write(s_ecdsa, s_ecdsa.Leaf, s_authority.Intermediate, s_authority.Root, s_authority.Intermediate), "whose certificate 4 ");
        Fails(Write(s_ecdsa, s_authority.Intermediate, s_ecdsa.Leaf), ":Chain is '" + Crt + "', of which the key is that of certificate 2 (CN=site.test), not the first; allowed: the leaf first");
    }

    // The names fit, the signature does not.
    [Fact]
    public void Chain_NotSignedByTheNext_NamesThePosition() =>
        Fails(Write(s_authority.Forge()), "did not sign certificate 1 (CN=site.test)");

    [Fact]
    public void Chain_PastOrBeforeItsTime_IsRefused()
    {
        var now = DateTime.UtcNow;
        Fails(Write(s_authority.Issue(new SiteRequest { NotBefore = now.AddDays(-2), NotAfter = now.AddDays(-1) })), "whose certificate 1 (CN=site.test) expired at ");
        Fails(Write(s_authority.Issue(new SiteRequest { NotBefore = now.AddDays(1) })), "whose certificate 1 (CN=site.test) is not valid before ");
        Fails(Write(s_ecdsa, s_ecdsa.Leaf, s_authority.ExpiredIntermediate), "whose certificate 2 ");
    }

    [Fact]
    public void Key_TooWeak_IsRefused() =>
        Fails(Write(s_authority.Issue(new SiteRequest { Kind = SiteKind.Rsa1024 })), "(CN=site.test) has an RSA key of 1024 bits; allowed: RSA of 2048 bits or more");

    [Fact]
    public void Key_OfAnotherCertificate_IsRefused()
    {
        var options = Write(s_ecdsa);
        options.Key = s_rsa.Write(_files.Path, "other").Key;

        Fails(options, $":Key is '{options.Key}', which is not the key of '{Crt}' (CN=site.test); allowed: the key of its first certificate");
    }

    [Fact]
    public void Key_MissingOrSeveral_IsRefused()
    {
        var options = Write(s_ecdsa);
        var key = File.ReadAllText(options.Key);
        File.WriteAllText(options.Key, key + s_rsa.Key);
        Fails(options, $":Key is '{options.Key}', which holds 2 private keys; allowed: a PEM file with one private key");
        File.WriteAllText(options.Key, s_ecdsa.Chain);
        Fails(options, $":Key is '{options.Key}', which holds no private key; allowed: a PEM file with one private key");
        File.WriteAllText(options.Key, "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n");
        Fails(options, $":Key is '{options.Key}', which cannot be read; allowed: a PEM file with one private key");
    }

    [Fact]
    public async Task Key_Encrypted_NeedsItsPassphrase()
    {
        var options = await EncryptedAsync();
        await File.WriteAllTextAsync(options.PasswordFile!, "wrong\n");
        Fails(options, $":PasswordFile is '{options.PasswordFile}', which does not open '{options.Key}'; allowed: a file whose first line is the passphrase");
        await File.WriteAllTextAsync(options.PasswordFile!, "\nsecond\n");
        Fails(options, ":PasswordFile is '" + options.PasswordFile + "': its first line has nothing in it; allowed: a file whose first line is the passphrase");
        await File.WriteAllTextAsync(options.PasswordFile!, new string('x', 2000));
        Fails(options, "its first line has more than 1024 bytes");
        options.PasswordFile = null;
        Fails(options, $":Key is '{options.Key}', which is encrypted, without PasswordFile; allowed: PasswordFile with its passphrase, or a key that is not encrypted");
    }

    [Fact]
    public async Task Pkcs12_ThatDoesNotOpen_IsRefused()
    {
        var options = new CertificateOptions { Pkcs12 = await Pkcs12Async(s_rsa, ""), PasswordFile = Password("wrong") };
        Fails(options, $":PasswordFile is '{options.PasswordFile}', which does not open '{options.Pkcs12}'; allowed: a file whose first line is the passphrase");
        options.PasswordFile = null;
        Fails(options, $":Pkcs12 is '{options.Pkcs12}', which does not open without a passphrase; allowed: a PKCS#12 file, and PasswordFile");
        await File.WriteAllTextAsync(options.Pkcs12, "nothing of the kind");
        Fails(options, $":Pkcs12 is '{options.Pkcs12}', which does not open");
    }

    [Fact]
    public async Task Pkcs12_WithoutAKey_IsRefused()
    {
        var file = _files.File("certificates.p12");
        var chain = Write(s_rsa).Chain;
        await OpenSslTool.RunAsync("pkcs12", "-export", "-nokeys", "-in", chain, "-out", file, "-passout", Pass);

        Fails(new CertificateOptions { Pkcs12 = file, PasswordFile = Password() }, $":Pkcs12 is '{file}', which holds no private key with a certificate; allowed: one");
    }

    [Fact]
    public void Validate_NotEitherOr_NamesTheKey()
    {
        var options = Write(s_ecdsa);
        options.Pkcs12 = _files.File("nowhere.p12");
        options.PasswordFile = _files.File("nowhere");
        options.OcspResponse = "/nowhere.der";
        var failures = new List<string>();

        CertificateFiles.Validate(failures, Section, options);

        Assert.Equal(
            [
                $"{Section}:Pkcs12 is '{options.Pkcs12}'; allowed: the path of an existing PKCS#12 file",
                $"{Section}:Pkcs12 is '{options.Pkcs12}' beside Chain or Key; allowed: either Pkcs12, or Chain and Key",
                $"{Section}:PasswordFile is '{options.PasswordFile}'; allowed: the path of an existing text file",
                $"{Section}:OcspResponse is '/nowhere.der'; allowed: the path of an existing DER file",
            ],
            failures);
    }

    [Fact]
    public void Warnings_AreOfWhatServesSome()
    {
        Assert.Contains("which is not for a.other.test, *.site.test: clients", Warning(Write(s_ecdsa), "site.test", "a.other.test", "*.site.test"), StringComparison.Ordinal);
        Assert.Contains("which is not for servers", Warning(Write(s_authority.Issue(new SiteRequest { ForClients = true }))), StringComparison.Ordinal);
        Assert.Contains("without OcspResponse", Warning(Write(s_authority.Issue(new SiteRequest { MustStaple = true }))), StringComparison.Ordinal);
        var bare = s_authority.Issue(new SiteRequest { CaIssuers = "http://ca.test/intermediate.crt" });
        Assert.Contains("clients that do not have it by chance will refuse the chain; add it", Warning(Write(bare, bare.Leaf)), StringComparison.Ordinal);

        var open = Write(s_ecdsa);
        File.SetUnixFileMode(open.Key, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.StartsWith($"'{open.Key}' of {Section}:Chain", Warning(open), StringComparison.Ordinal);
        File.SetUnixFileMode(open.Key, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Empty(Read(open).Facts.Warnings);
    }

    [Theory]
    [InlineData("*.site.test", "a.site.test")]
    [InlineData("*.site.test", "*.site.test")]
    [InlineData("A.Site.Test", "a.site.test")]
    public void Warnings_OfNamesThatItCovers_AreNone(string name, string host) =>
        Assert.Empty(Read(Write(s_authority.Issue(new SiteRequest { Hosts = [name] })), host).Facts.Warnings);

    private string Crt => _files.File("site.crt");

    private CertificateOptions Write(Site site, params object[] chain)
    {
        var files = site.Write(_files.Path, "site", chain.Length > 0 ? Site.Pem(chain) : null);
        return new CertificateOptions { Chain = files.Chain, Key = files.Key };
    }

    private async Task<CertificateOptions> EncryptedAsync()
    {
        var options = Write(s_rsa);
        var key = _files.File("encrypted.key");
        await OpenSslTool.RunAsync("pkcs8", "-topk8", "-in", options.Key, "-out", key, "-passout", Pass);
        options.Key = key;
        options.PasswordFile = Password();
        return options;
    }

    private async Task<string> Pkcs12Async(Site site, string others)
    {
        var options = Write(site, site.Leaf);
        var (file, more) = (_files.File("site.p12"), _files.File("more.crt"));
        await File.WriteAllTextAsync(more, others);
        await OpenSslTool.RunAsync(["pkcs12", "-export", "-in", options.Chain, "-inkey", options.Key, .. others.Length > 0 ? ["-certfile", more] : Array.Empty<string>(), "-out", file, "-passout", Pass]);
        return file;
    }

    private string Password(string passphrase = Secret)
    {
        var file = _files.File("password");
        File.WriteAllText(file, passphrase + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    private static SiteCertificate Read(CertificateOptions options, params string[] hosts) => CertificateFiles.Read(options, Section, hosts, DateTimeOffset.UtcNow);

    private static string Warning(CertificateOptions options, params string[] hosts)
    {
        using var certificate = Read(options, hosts);
        return Assert.Single(certificate.Facts.Warnings);
    }

    private static CertificateFacts RequireUsable(CertificateOptions options, Site site)
    {
        using var certificate = Read(options);
        Assert.True(certificate.Tls.Key.BelongsTo(site.Leaf.GetEncoded()));
        using var profile = new TlsProfile(new TlsProfileOptions { Name = "shop", Certificates = [certificate.Tls], SessionIdContext = new byte[32] });
        return certificate.Facts;
    }

    private static void Fails(CertificateOptions options, string expected)
    {
        var line = Assert.Throws<ProfileException>(() => Read(options)).Message;
        Assert.StartsWith(Section, line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Contains("; allowed: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain(Secret, line, StringComparison.Ordinal);
    }
}
