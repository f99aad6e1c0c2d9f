using Reprise.Edge.Certificates;
using Reprise.Edge.Profiles;
using Reprise.Testing;
using Reprise.Testing.Sites;

namespace Reprise.Edge.Tests.Certificates;

/// <summary>An OCSP response is stapled only if it is about this certificate, believable, and good.</summary>
public sealed class OcspResponseFileTests : IDisposable
{
    private static readonly SiteAuthority s_authority = new();

    private readonly TemporaryDirectory _files = new();
    private readonly Site _site = s_authority.Issue();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(OcspSigner.Issuer)]
    [InlineData(OcspSigner.Responder)]
    public void Response_OfTheIssuerOrItsResponder_IsStapled(OcspSigner signer)
    {
        var answer = new OcspAnswer { Signer = signer }.About(_site);

        var staple = Read(answer).Staple!;

        Assert.Equal(answer, staple.Response.ToArray());
        Assert.InRange(staple.Until - DateTimeOffset.UtcNow, TimeSpan.FromDays(2.9), TimeSpan.FromDays(3));
    }

    // Where the chain is the leaf alone, its issuer's name and its number have to do.
    [Fact]
    public void Response_ForAChainWithoutTheIssuer_IsStapled()
    {
        Assert.NotNull(Read(new OcspAnswer().About(_site), withIssuer: false).Staple);
        Fails(new OcspAnswer().About(new SiteAuthority().Issue()), "which is not about this certificate", withIssuer: false);
    }

    // The site goes on, the staple does not; the watch says so.
    [Fact]
    public void Response_ThatHasExpired_IsNoReasonNotToStart()
    {
        var facts = Read(new OcspAnswer { ThisUpdate = DateTime.UtcNow.AddDays(-3), NextUpdate = DateTime.UtcNow.AddDays(-1) }.About(_site));

        Assert.True(facts.Staple!.Until < DateTimeOffset.UtcNow);
    }

    [Fact]
    public void Response_OfNoUse_IsRefused()
    {
        Fails(new OcspAnswer { Revoked = true }.About(_site), "which says that the certificate is revoked; allowed: good");
        Fails(new OcspAnswer().About(s_authority.Issue()), "which is not about this certificate (serial number ");
        Fails(new OcspAnswer { Signer = OcspSigner.NoResponder }.About(_site), "which is signed neither by the certificate's issuer nor by a responder of it");
        Fails(new OcspAnswer { NextUpdate = null }.About(_site), "which does not say until when it is good (nextUpdate)");
        Fails(new OcspAnswer { ThisUpdate = DateTime.UtcNow.AddHours(1) }.About(_site), "in the future");
        Fails(OcspAnswer.TryLater(), "in which the responder tells of a fault");
        Fails("nothing of the kind"u8.ToArray(), "which is no OCSP response; allowed: a file with one in DER");
        Fails([], "which is no OCSP response");
        Fails(_site.Leaf.GetEncoded(), "which is no OCSP response");
    }

    [Fact]
    public void Response_WithBitsChanged_IsRefused()
    {
        var good = new OcspAnswer().About(_site);
        for (var i = 0; i < good.Length; i += 7)
        {
            var bad = good.ToArray();
            bad[i] ^= 0x21;
            try
            {
                Read(bad); // a bit that nothing depends on, as one in the responder's own name
            }
            catch (ProfileException fault)
            {
                Assert.StartsWith("Profiles:shop:Certificates:0:OcspResponse is '", fault.Message, StringComparison.Ordinal);
            }
        }
    }

    private CertificateFacts Read(byte[] response, bool withIssuer = true)
    {
        var files = _site.Write(_files.Path, "site", withIssuer ? null : Site.Pem(_site.Leaf));
        File.WriteAllBytes(_files.File("site.ocsp"), response);
        var options = new CertificateOptions { Chain = files.Chain, Key = files.Key, OcspResponse = _files.File("site.ocsp") };
        using var certificate = CertificateFiles.Read(options, "Profiles:shop:Certificates:0", [], DateTimeOffset.UtcNow);
        return certificate.Facts;
    }

    private void Fails(byte[] response, string expected, bool withIssuer = true)
    {
        var line = Assert.Throws<ProfileException>(() => Read(response, withIssuer)).Message;
        Assert.StartsWith($"Profiles:shop:Certificates:0:OcspResponse is '{_files.File("site.ocsp")}', ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Contains("; allowed: ", line, StringComparison.Ordinal);
    }
}
