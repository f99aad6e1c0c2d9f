using Reprise.Core.Sessions;
using static Reprise.Core.Tests.Sessions.SessionFixtures;

namespace Reprise.Core.Tests.Sessions;

public sealed class ScopeTests
{
    public static TheoryData<string> Changes => [.. Changed.Keys];

    private static Dictionary<string, ScopeParts> Changed { get; } = new()
    {
        ["profile"] = Parts with { Profile = "shop2" },
        ["profile's case"] = Parts with { Profile = "Shop" },
        ["policy generation"] = Parts with { PolicyGeneration = 1 },
        ["server key"] = Parts with { ServerKeys = [Filled(32, 1), Filled(32, 3)] },
        ["a server key less"] = Parts with { ServerKeys = [Filled(32, 1)] },
        ["host"] = Parts with { Hosts = ["shop.example", "shop.test"] },
        ["a host more"] = Parts with { Hosts = ["shop.example", "*.shop.example", "shop.test"] },
        ["no hosts"] = Parts with { Hosts = [] },
        ["client authentication"] = Parts with { ClientAuth = "Require" },
        ["client authorities"] = Parts with { ClientAuthorities = [Filled(32, 4)] },
        ["alpn"] = Parts with { Alpn = ["http/1.1"] },
        ["order of alpn"] = Parts with { Alpn = ["http/1.1", "h2"] },
        ["tls policy"] = Parts with { TlsPolicy = "1.3" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_OnePartChanged_IsAnotherScope(string part) => Assert.NotEqual(Shop, Scope.Of(Changed[part]));

    [Fact]
    public void Of_AllChanges_AreDifferentFromEachOther() =>
        Assert.Equal(Changed.Count, Changed.Values.Select(parts => Convert.ToHexString(Scope.Of(parts).Bytes)).Distinct().Count());

    [Fact]
    public void Of_HostsAndKeysInAnotherOrder_IsTheSameScope() => Assert.Equal(
        Shop,
        Scope.Of(Parts with { Hosts = ["*.shop.example", "shop.example"], ServerKeys = [Filled(32, 2), Filled(32, 1)] }));

    // What would be one string if parts were only written one after the other.
    [Fact]
    public void Of_TextMovedAcrossABoundary_IsAnotherScope()
    {
        Assert.NotEqual(Scope.Of(Parts with { Hosts = ["ab", "c"] }), Scope.Of(Parts with { Hosts = ["a", "bc"] }));
        Assert.NotEqual(Scope.Of(Parts with { Hosts = ["a", "b"] }), Scope.Of(Parts with { Hosts = ["ab"] }));
        Assert.NotEqual(Scope.Of(Parts with { Hosts = ["a", ""] }), Scope.Of(Parts with { Hosts = ["a"] }));
        Assert.NotEqual(Scope.Of(Parts with { Hosts = ["h2"], Alpn = [] }), Scope.Of(Parts with { Hosts = [], Alpn = ["h2"] }));
        Assert.NotEqual(
            Scope.Of(Parts with { Profile = "apolicy-generation", PolicyGeneration = 0 }),
            Scope.Of(Parts with { Profile = "a", PolicyGeneration = 0 }));
        Assert.NotEqual(
            Scope.Of(Parts with { ServerKeys = [[1, 2]], ClientAuthorities = [[3]] }),
            Scope.Of(Parts with { ServerKeys = [[1], [2]], ClientAuthorities = [[3]] }));
    }

    // Every node computes it for itself, also one of another release: a change of it ends all sessions in a rolling update.
    [Fact]
    public void Of_TheSameParts_StaysTheSameOverReleases() =>
        Assert.Equal("2fc5310e69485443250c8da9ef83d99b17d0dd3da9179ef6be7106ddf0003c07", Convert.ToHexStringLower(Shop.Bytes));

    [Fact]
    public void ToString_IsTheFirstEightDigits() => Assert.Equal(Convert.ToHexStringLower(Shop.Bytes)[..8], Shop.ToString());

    [Fact]
    public void Equals_SameBytes_IsTrueWithTheSameHashCode()
    {
        var same = Scope.Of(Parts);

        Assert.True(same.Equals((object)Shop));
        Assert.Equal(Shop.GetHashCode(), same.GetHashCode());
        Assert.False(Shop.Equals(null));
        Assert.Equal(Scope.Length, Shop.Bytes.Length);
    }
}
