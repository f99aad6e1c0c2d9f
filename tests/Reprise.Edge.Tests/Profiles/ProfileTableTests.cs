using Microsoft.Extensions.Logging.Abstractions;
using Reprise.Edge.Certificates;
using Reprise.Edge.Profiles;
using Reprise.Edge.Tests.Harness;
using Reprise.SessionCache;

namespace Reprise.Edge.Tests.Profiles;

public sealed class ProfileTableTests(EdgeWorld world)
{
    private static readonly RedisSessionCache s_store = new(Microsoft.Extensions.Options.Options.Create(new RedisSessionCacheOptions()), TimeProvider.System, NullLogger<RedisSessionCache>.Instance);
    private static readonly string[] Wild = ["*.shop.example", "bank.example"];

    [Theory]
    [InlineData("shop.example", "exact")]
    [InlineData("SHOP.example", "exact")]
    [InlineData("a.shop.example", "wild")]
    [InlineData("exact.shop.example", "exact")] // exact before wildcard
    [InlineData("a.b.shop.example", "default")] // one label only
    [InlineData(".shop.example", "default")]
    [InlineData("*.shop.example", "wild")] // no name that exists, and no way past the wildcard's own profile
    [InlineData("bank.example", "wild")]
    [InlineData("a.bank.example", "default")]
    [InlineData("example", "default")]
    [InlineData("", "default")]
    [InlineData(null, "default")]
    [InlineData("shop.example.", "default")] // final dots are taken off before
    public void Find_Host_IsExactBeforeWildcardBeforeDefault(string? host, string expected) =>
        Assert.Equal(expected, Load().Find(host)!.Name);

    [Theory]
    [InlineData("other.example")]
    [InlineData("")]
    [InlineData(null)]
    public void Find_WithoutADefaultProfile_IsNull(string? host) => Assert.Null(Load(withDefault: false).Find(host)?.Name);

    [Fact]
    public void Load_ProfilesThatDifferInOneThing_HaveScopesOfTheirOwn()
    {
        var scopes = new[]
        {
            Scope(_ => { }),
            Scope(options => options.Resumption.PolicyGeneration = 1),
            Scope(options => options.Hosts = ["b.example"]),
            Scope(options => options.Tls.MinimumVersion = "1.3"),
            Scope(options => options.Tls.Groups = "P-384"),
            Scope(options => options.Tls.Alpn = ["http/1.1"]),
            Scope(options => options.Tls.Alpn = []),
            Scope(options => options.Certificates = [Certificate("admin")]),
        };

        Assert.Equal(scopes.Length, scopes.Distinct().Count());
        Assert.Equal(Scope(_ => { }), Scope(options => options.Resumption.SessionTimeout = TimeSpan.FromMinutes(1))); // no boundary
    }

    [Theory]
    [InlineData("shop.example", true)]
    [InlineData("*.shop.example", true)]
    [InlineData("localhost", true)]
    [InlineData("xn--bcher-kva.example", true)]
    [InlineData("a_b.example", true)]
    [InlineData("", false)]
    [InlineData("*", false)]
    [InlineData("*.", false)]
    [InlineData("*.*.example", false)]
    [InlineData("a.*.example", false)]
    [InlineData("shop.example.", false)]
    [InlineData(".example", false)]
    [InlineData("shop..example", false)]
    [InlineData("-shop.example", false)]
    [InlineData("shop-.example", false)]
    [InlineData("Shop.example", false)]
    [InlineData("shop.example:443", false)]
    [InlineData("https://shop.example", false)]
    [InlineData("büch.example", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("*.0.0.1", false)]
    [InlineData("1.example", true)]
    public void IsValid_Pattern_IsALowerCaseDnsName(string pattern, bool expected) => Assert.Equal(expected, HostPattern.IsValid(pattern));

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*.BÜCHER.example", "*.xn--bcher-kva.example")]
    [InlineData("Shop.Example.", "shop.example")]
    public void AllowedFor_PatternThatMeansAName_SaysHowItIsWritten(string pattern, string expected) =>
        Assert.EndsWith($"; here perhaps {expected}", HostPattern.AllowedFor(pattern), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("*.*.example")]
    [InlineData("https://shop.example")]
    [InlineData("10.0.0.1")]
    public void AllowedFor_PatternThatMeansNothing_SaysWhatIsAllowed(string pattern) => Assert.Equal(HostPattern.Allowed, HostPattern.AllowedFor(pattern));

    private ProfileTable Load(bool withDefault = true)
    {
        var profiles = new Dictionary<string, ProfileOptions>
        {
            ["exact"] = Options("shop.example", "exact.shop.example"),
            ["wild"] = Options(Wild),
        };
        if (withDefault)
            profiles["default"] = Options();
        return ProfileLoader.Load(profiles, new RedisSessionCacheOptions(), s_store, DateTimeOffset.UtcNow);
    }

    private Core.Sessions.Scope Scope(Action<ProfileOptions> change)
    {
        var options = Options("a.example");
        change(options);
        return ProfileLoader.Load(new Dictionary<string, ProfileOptions> { ["a"] = options }, new RedisSessionCacheOptions(), s_store, DateTimeOffset.UtcNow).All[0].Scope;
    }

    private ProfileOptions Options(params string[] hosts) => new() { Hosts = hosts, Certificates = [Certificate("site")] };

    private CertificateOptions Certificate(string name) => new() { Chain = world.File($"pki/{name}.crt"), Key = world.File($"pki/{name}.key") };
}
