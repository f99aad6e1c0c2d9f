using System.Net;
using Reprise.Cli.Probe.Sites;
using Reprise.Testing;

namespace Reprise.Cli.Tests.Probe.Sites;

public sealed class SiteFileTests
{
    [Fact]
    public void Lines_WithCommentsPortsAndAddresses_AreSites()
    {
        var sites = SiteFile.Parse(
            ["# our farms", "", "shop.example", "  api.example:8443   # behind the balancer:", "static.example:444 192.0.2.1 [2001:db8::1]:8444 2001:db8::2"], "sites");

        Assert.Equal(["shop.example", "api.example:8443", "static.example:444"], sites.Select(site => site.ToString()));
        Assert.Equal([443, 8443, 444], sites.Select(site => site.Port));
        Assert.Equal(
            [IPEndPoint.Parse("192.0.2.1:444"), IPEndPoint.Parse("[2001:db8::1]:8444"), IPEndPoint.Parse("[2001:db8::2]:444")], sites[2].Addresses);
        Assert.Empty(sites[0].Addresses);
    }

    [Fact]
    public void Host_InUnicodeOrWithADotAtItsEnd_IsAsSniWantsIt() =>
        Assert.Equal(["xn--bcher-kva.example", "shop.example"], SiteFile.Parse(["bücher.example", "shop.example."], "sites").Select(site => site.Host));

    [Theory]
    [InlineData("shop.example:0", "'shop.example:0' is not HOST or HOST:PORT")]
    [InlineData("shop.example:https", "is not HOST or HOST:PORT")]
    [InlineData("https://shop.example/", "is not HOST or HOST:PORT")]
    [InlineData("192.0.2.1", "is an address: give the site's name")]
    [InlineData("192.0.2.1:443", "is an address: give the site's name")]
    [InlineData("shop.example other.example", "'other.example' is not IP or IP:PORT")]
    [InlineData("shop.example 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 1.1.1.9", "more than 8 addresses")]
    public void Line_ThatIsNoSite_IsNamedByItsNumber(string line, string named)
    {
        var refused = Assert.Throws<CliException>(() => SiteFile.Parse(["# first", "good.example", line], "sites"));

        Assert.StartsWith("sites, line 3: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_WithoutASite_AreRefused() =>
        Assert.Contains("names no site", Assert.Throws<CliException>(() => SiteFile.Parse(["# nothing"], "sites")).Message, StringComparison.Ordinal);

    [Fact]
    public void Lines_OfTooManySites_AreRefused() => Assert.Contains(
        "line 257: more than 256 sites",
        Assert.Throws<CliException>(() => SiteFile.Parse(Enumerable.Repeat("shop.example", 300), "sites")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--sni", "x.example")]
    [InlineData("--watch", "2")]
    [InlineData("--nodes", "edge-1")]
    [InlineData("--pcap", "x.pcap")]
    public async Task Probe_OfSitesWithWhatIsOfClusters_IsRefused(string option, string value) =>
        (await CommandRun.OfAsync("probe", "--sites", "sites", option, value)).AssertFailed(ExitCode.CouldNotRun, option);

    [Fact]
    public async Task Probe_OfAFileThatIsNotThere_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        (await CommandRun.OfAsync("probe", "--sites", directory.File("none"))).AssertFailed(ExitCode.CouldNotRun, "is not there");
    }
}
