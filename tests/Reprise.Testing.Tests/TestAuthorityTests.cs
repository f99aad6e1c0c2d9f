using System.Security.Cryptography.X509Certificates;

namespace Reprise.Testing.Tests;

public sealed class TestAuthorityTests
{
    [Fact]
    public void WriteAll_Always_MakesFilesThatLoadAndChainToTheAuthority()
    {
        using var authority = new TestAuthority();
        using var directory = new TemporaryDirectory();
        authority.WriteAll(directory.Path);

        foreach (var name in new[] { "site", "admin", "edge-1", "edge-2", "edge-3", "keys-1" })
        {
            using var certificate = X509Certificate2.CreateFromPemFile(directory.File(name + ".crt"), directory.File(name + ".key"));
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            Assert.True(chain.Build(certificate), $"{name}: {string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation))}");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(directory.File(name + ".key")));
        }
    }

    [Theory]
    [InlineData("edge-1.crt", "spiffe://reprise/edge/edge-1")]
    [InlineData("admin.crt", "spiffe://reprise/admin/admin")]
    [InlineData("keys-1.crt", "spiffe://reprise/keyservice/keys-1")]
    public void WriteAll_Always_NamesTheRoleInAUri(string file, string role)
    {
        using var authority = new TestAuthority();
        using var directory = new TemporaryDirectory();
        authority.WriteAll(directory.Path);

        using var certificate = X509CertificateLoader.LoadCertificateFromFile(directory.File(file));
        var names = certificate.Extensions.Single(extension => extension.Oid?.Value == "2.5.29.17").Format(multiLine: false);
        Assert.Contains($"URI:{role}", names, StringComparison.Ordinal);
    }
}
