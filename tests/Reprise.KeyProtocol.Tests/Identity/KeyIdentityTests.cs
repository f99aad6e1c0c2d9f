using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Reprise.KeyProtocol.Identity;
using Reprise.Testing;

namespace Reprise.KeyProtocol.Tests.Identity;

public sealed class KeyIdentityTests
{
    [Theory]
    [InlineData("spiffe://reprise/edge/edge-1", KeyRole.Edge, "edge-1")]
    [InlineData("spiffe://reprise/admin/alice.b_c", KeyRole.Admin, "alice.b_c")]
    [InlineData("spiffe://reprise/keyservice/keys-1", KeyRole.KeyService, "keys-1")]
    public void TryParse_Role_IsRead(string uri, KeyRole role, string name)
    {
        Assert.True(KeyIdentity.TryParse(uri, out var identity));
        Assert.Equal(new KeyIdentity(role, name), identity);
        Assert.Equal(uri, identity.Uri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("spiffe://reprise/edge/")]
    [InlineData("spiffe://reprise/edge")]
    [InlineData("spiffe://reprise/Edge/edge-1")]
    [InlineData("SPIFFE://reprise/edge/edge-1")]
    [InlineData("spiffe://reprise.example/edge/edge-1")]
    [InlineData("spiffe://reprise:443/edge/edge-1")]
    [InlineData("spiffe://reprise/edge/edge-1/")]
    [InlineData("spiffe://reprise/edge/edge-1/admin")]
    [InlineData("spiffe://reprise/edge/edge-1?role=admin")]
    [InlineData("spiffe://reprise/edge/edge-1#admin")]
    [InlineData("spiffe://reprise/edge/edge-1\n")]
    [InlineData("spiffe://reprise/edge/edge-1\0")]
    [InlineData("spiffe://reprise/edge/%65dge")]
    [InlineData("spiffe://reprise/edge/../admin")]
    [InlineData("spiffe://reprise/edge/-rf")]
    [InlineData("spiffe://reprise/root/x")]
    [InlineData("https://reprise/edge/edge-1")]
    [InlineData(" spiffe://reprise/edge/edge-1")]
    public void TryParse_AnythingElse_IsRefused(string uri) => Assert.False(KeyIdentity.TryParse(uri, out _));

    [Fact]
    public void TryParse_NameOf64_IsRefused()
    {
        Assert.True(KeyIdentity.TryParse("spiffe://reprise/edge/" + new string('a', 63), out _));
        Assert.False(KeyIdentity.TryParse("spiffe://reprise/edge/" + new string('a', 64), out _));
    }

    [Fact]
    public void TryRead_OneUriAmongOtherNames_IsTheIdentity()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.KeyService("keys-7");

        Assert.True(KeyIdentity.TryRead(certificate, out var identity, out _));
        Assert.Equal(new KeyIdentity(KeyRole.KeyService, "keys-7"), identity);
    }

    [Fact]
    public void TryRead_NoUri_IsNobody()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Nobody();

        Assert.False(KeyIdentity.TryRead(certificate, out _, out var reason));
        Assert.Contains("0 URIs", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TryRead_NoExtensionsAtAll_IsNobody()
    {
        using var certificate = SelfSigned();

        Assert.False(KeyIdentity.TryRead(certificate, out _, out _));
    }

    [Fact]
    public void TryRead_TwoUris_IsNobody()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri("spiffe://reprise/edge/edge-1"));
        names.AddUri(new Uri("spiffe://reprise/admin/admin"));
        using var certificate = SelfSigned(names.Build());

        Assert.False(KeyIdentity.TryRead(certificate, out _, out var reason));
        Assert.Contains("2 URIs", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("3003860161ff")]
    [InlineData("04020102")]
    [InlineData("3080")]
    [InlineData("30028680")]
    public void TryRead_MalformedNames_IsNobodyAndDoesNotThrow(string der)
    {
        using var certificate = SelfSigned(new X509Extension("2.5.29.17", Convert.FromHexString(der), critical: false));

        Assert.False(KeyIdentity.TryRead(certificate, out _, out var reason));
        Assert.NotEmpty(reason);
    }

    private static X509Certificate2 SelfSigned(params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions)
            request.CertificateExtensions.Add(extension);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
    }
}
