using Reprise.KeyProtocol.Identity;
using Reprise.Testing;

namespace Reprise.KeyProtocol.Tests.Identity;

public sealed class PeerCredentialsTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();

    public PeerCredentialsTests() => _authority.WriteAll(_files.Path);

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void Load_ItsOwnFiles_KnowsWhoItIs()
    {
        using var credentials = PeerCredentials.Load(_files.File("ca.crt"), _files.File("edge-1.crt"), _files.File("edge-1.key"));

        Assert.Equal(new KeyIdentity(KeyRole.Edge, "edge-1"), credentials.Identity);
    }

    [Theory]
    [InlineData("gone.crt", "edge-1.crt", "edge-1.key", "gone.crt cannot be read")]
    [InlineData("ca.crt", "gone.crt", "edge-1.key", "gone.crt cannot be read")]
    [InlineData("ca.crt", "edge-1.crt", "gone.key", "gone.key cannot be read")]
    [InlineData("ca.crt", "edge-1.crt", "edge-2.key", "edge-2.key is not the unencrypted PEM key of")]
    [InlineData("ca.crt", "edge-1.crt", "ca.crt", "ca.crt is not the unencrypted PEM key of")]
    [InlineData("edge-1.key", "edge-1.crt", "edge-1.key", "holds no PEM certificate")]
    [InlineData("ca.crt", "site.crt", "site.key", "it has 0 URIs")]
    public void Load_FileThatCannotBeUsed_IsNamedInOneLine(string authority, string certificate, string key, string expected)
    {
        var fault = Assert.Throws<PeerCredentialsException>(
            () => PeerCredentials.Load(_files.File(authority), _files.File(certificate), _files.File(key)));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }
}
