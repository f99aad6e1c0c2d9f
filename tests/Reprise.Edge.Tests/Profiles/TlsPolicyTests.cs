using Reprise.Edge.Profiles;
using Reprise.Tls;

namespace Reprise.Edge.Tests.Profiles;

public sealed class TlsPolicyTests
{
    private const string Section = "Profiles:shop";

    [Theory]
    [InlineData("MinimumVersion", "1.1", "Profiles:shop:Tls:MinimumVersion is '1.1'; allowed: 1.2, 1.3")]
    [InlineData("MaximumVersion", "TLSv1.3", "Profiles:shop:Tls:MaximumVersion is 'TLSv1.3'; allowed: 1.2, 1.3")]
    [InlineData("CipherList", "ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256", "Profiles:shop:Tls:CipherList is 'ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256', of which 'AES128-GCM-SHA256' is not allowed; allowed, with colons between: ECDHE-ECDSA-AES128-GCM-SHA256, ")]
    [InlineData("CipherList", "ECDHE-RSA-AES256-SHA384", "of which 'ECDHE-RSA-AES256-SHA384' is not allowed")] // CBC
    [InlineData("CipherList", "DHE-RSA-AES128-GCM-SHA256", "of which 'DHE-RSA-AES128-GCM-SHA256' is not allowed")]
    [InlineData("CipherList", "HIGH:!aNULL", "of which 'HIGH' is not allowed")]
    [InlineData("CipherList", "@SECLEVEL=0", "of which '@SECLEVEL=0' is not allowed")]
    [InlineData("CipherList", "TLS_AES_128_GCM_SHA256", "of which 'TLS_AES_128_GCM_SHA256' is not allowed")]
    [InlineData("CipherList", "", "Profiles:shop:Tls:CipherList is '', of which '' is not allowed")]
    [InlineData("CipherSuites", "TLS_AES_128_CCM_8_SHA256", "of which 'TLS_AES_128_CCM_8_SHA256' is not allowed; allowed, with colons between: TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256")]
    [InlineData("CipherSuites", "TLS_AES_128_GCM_SHA256:TLS_AES_128_GCM_SHA256", "with 'TLS_AES_128_GCM_SHA256' twice; allowed: each once")]
    [InlineData("Groups", "X25519:P-192", "Profiles:shop:Tls:Groups is 'X25519:P-192', of which 'P-192' is not allowed; allowed, with colons between: X25519MLKEM768, ")]
    [InlineData("Groups", "x25519", "of which 'x25519' is not allowed")]
    public void Validate_WhatIsNotAllowed_NamesKeyValueAndOffender(string key, string value, string expected)
    {
        var options = new TlsOptions();
        typeof(TlsOptions).GetProperty(key)!.SetValue(options, value);

        Assert.Contains(expected, Assert.Single(Validate(options)), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_MinimumAboveMaximum_IsRefused() => Assert.Equal(
        "Profiles:shop:Tls:MinimumVersion is '1.3' while MaximumVersion is '1.2'; allowed: no newer one than that",
        Assert.Single(Validate(new TlsOptions { MinimumVersion = "1.3", MaximumVersion = "1.2" })));

    [Fact]
    public void Validate_Alpn_IsOfProtocolNamesEachOnce()
    {
        Assert.Empty(Validate(new TlsOptions { Alpn = ["h2", "http/1.1", "postgresql"] }));
        Assert.Empty(Validate(new TlsOptions { Alpn = [] }));
        Assert.Equal(
            [
                "Profiles:shop:Tls:Alpn:1 is ''; allowed: 1 to 255 printable ASCII characters, as h2 or http/1.1",
                "Profiles:shop:Tls:Alpn:2 is 'é'; allowed: 1 to 255 printable ASCII characters, as h2 or http/1.1",
                "Profiles:shop:Tls:Alpn:3 is 'h2', as Profiles:shop:Tls:Alpn:0 is; allowed: each once",
            ],
            Validate(new TlsOptions { Alpn = ["h2", "", "é", "h2"] }));
    }

    // By default it is left out where OpenSSL has not got it; who asks for it by name is told.
    [Fact]
    public void Groups_ThatThisOpenSslHasNot_AreAnErrorOnlyIfNamed()
    {
        var known = TlsGroups.IsUsable("X25519MLKEM768");

        Assert.Empty(Validate(new TlsOptions()));
        Assert.StartsWith(known ? "X25519MLKEM768:X25519" : "X25519:P-256", Apply(new TlsOptions()).Groups, StringComparison.Ordinal);
        var failures = Validate(new TlsOptions { Groups = "X25519MLKEM768:X25519" });
        if (known)
            Assert.Empty(failures);
        else
            Assert.Equal($"Profiles:shop:Tls:Groups is 'X25519MLKEM768:X25519', of which {OpenSslLibrary.Version} does not have 'X25519MLKEM768'; allowed here: X25519:X448:P-256:P-384:P-521", Assert.Single(failures));
    }

    [Fact]
    public void Describe_PoliciesThatDifferInOneThing_DifferInScope()
    {
        var described = new[]
        {
            new TlsOptions(),
            new TlsOptions { MinimumVersion = "1.3" },
            new TlsOptions { MaximumVersion = "1.2" },
            new TlsOptions { CipherList = "ECDHE-ECDSA-AES128-GCM-SHA256" },
            new TlsOptions { CipherSuites = "TLS_AES_256_GCM_SHA384" },
            new TlsOptions { Groups = "P-384" },
        }.Select(options => TlsPolicy.Describe(Apply(options), options)).ToList();

        Assert.Equal(described.Count, described.Distinct().Count());
        // What a node's OpenSSL leaves out of the default is no other policy: its neighbour's may have it.
        Assert.Contains("X25519MLKEM768", described[0], StringComparison.Ordinal);
    }

    private static TlsProfileOptions Apply(TlsOptions options) =>
        TlsPolicy.Apply(new TlsProfileOptions { Name = "shop", Certificates = [], SessionIdContext = new byte[32] }, options, isTunnel: false);

    private static List<string> Validate(TlsOptions options)
    {
        var failures = new List<string>();
        TlsPolicy.Validate(failures, Section, options);
        return failures;
    }
}
