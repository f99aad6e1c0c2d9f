using Reprise.KeyService.Dashboard;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class DashboardOptionsTests : IDisposable
{
    private const string Good = "0123456789abcdef0123456789abcdef";

    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();

    public DashboardOptionsTests() => _authority.WriteAll(_files.Path);

    public static TheoryData<string, string> Tokens => new()
    {
        { Good[1..], "holds fewer than 32 characters" },
        { new string('0', 64), "holds one character repeated" },
        { string.Concat(Enumerable.Repeat("ab", 257)), "is too long" },
        { Good + " " + Good, "holds something that is no printable ASCII character" },
        { Good + "ü", "holds something that is no printable ASCII character" },
        { "", "holds fewer than 32 characters" },
    };

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public void TokenFile_HoldsNoSuchToken_IsNamedWithTheReasonAndNotItsContents(string contents, string reason)
    {
        var failure = Failure(new() { Listen = "127.0.0.1:0", TokenFile = _files.Write("token", contents) });

        Assert.StartsWith($"Dashboard:TokenFile is '{_files.File("token")}', which {reason}; allowed: ", failure, StringComparison.Ordinal);
        Assert.True(contents.Length < 32 || !failure!.Contains(contents[..31], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    public void TokenFile_EndsWithWhiteSpace_IsTaken(string end) =>
        Assert.Null(Failure(new() { Listen = "[::1]:7003", TokenFile = _files.Write("token", Good + end) }));

    [Fact]
    public void TokenFile_NotThere_IsNamed() =>
        Assert.Contains("nowhere', which cannot be read", Failure(new() { Listen = "127.0.0.1:0", TokenFile = _files.File("nowhere") }), StringComparison.Ordinal);

    [Theory]
    [InlineData("localhost:7003")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Listen_NoAddress_IsNamed(string listen) =>
        Assert.StartsWith($"Dashboard:Listen is '{listen}'; allowed: IP:PORT", Failure(new() { Listen = listen }), StringComparison.Ordinal);

    [Fact]
    public void Certificate_OneOfBoth_NamesTheOther()
    {
        Assert.StartsWith("Dashboard:Key is not set", Failure(new() { Listen = "127.0.0.1:0", Certificate = _files.File("keys-1.crt") }), StringComparison.Ordinal);
        Assert.StartsWith("Dashboard:Certificate is not set", Failure(new() { Listen = "127.0.0.1:0", Key = _files.File("keys-1.key") }), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificate_OfAnotherKey_IsNamed() =>
        Assert.Contains("is not the unencrypted PEM key of", Failure(new() { Listen = "127.0.0.1:0", Certificate = _files.File("keys-1.crt"), Key = _files.File("admin.key") }), StringComparison.Ordinal);

    [Fact]
    public void Files_OfADashboardThatIsOff_AreNotLookedAt() =>
        Assert.Null(Failure(new() { TokenFile = _files.File("nowhere"), Certificate = _files.File("nowhere.crt") }));

    private static string? Failure(DashboardOptions options) => new DashboardOptionsValidator().Validate(null, options) is { Failed: true, Failures: var failures } ? Assert.Single(failures) : null;
}
