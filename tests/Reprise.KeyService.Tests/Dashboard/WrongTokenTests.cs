using System.Net;
using Microsoft.Extensions.Time.Testing;
using Reprise.KeyService.Dashboard.SignIn;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class WrongTokenTests
{
    [Fact]
    public async Task SignIn_TooManyWrongTokens_IsNotHeardForAMinuteAndSaidSo()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var dashboard = await DashboardHarness.StartAsync(time);
        var browser = dashboard.Browser();
        for (var i = 0; i < SignInLimit.Most; i++)
        {
            using var wrong = await browser.SignInAsync($"{DashboardHarness.Token}{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var right = await browser.SignInAsync(DashboardHarness.Token);
        using var program = await browser.BearerAsync(HttpMethod.Get, "/api/state", DashboardHarness.Token);
        time.Advance(SignInLimit.Span);
        using var later = await browser.SignInAsync(DashboardHarness.Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
        Assert.Equal(SignInLimit.Span, right.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.TooManyRequests, program.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, later.StatusCode);
    }

    [Fact]
    public async Task SignIn_WrongToken_IsCountedAndAudited()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        using var http = new HttpClient();

        using var wrong = await dashboard.Browser().SignInAsync("a-token-that-is-not-the-one-in-the-file");

        await Eventually.TrueAsync(async () => (await dashboard.Service.Channel().AuditAsync()).Any(entry =>
            entry is { Action: "refuse", Actor: "unknown", Target: "127.0.0.1", Detail: "it gave a wrong token to the dashboard" }));
        var metrics = await http.GetStringAsync(new Uri(dashboard.Service.Management, "/metrics"));
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("reprise_keys_refusals_total", StringComparison.Ordinal) && line.Contains("reason=\"token\"", StringComparison.Ordinal) && line.Contains("} 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Programs_RightTokenAtTheSameTime_AreAllLetIn()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8 * SignInLimit.Most).Select(_ => browser.BearerAsync(HttpMethod.Get, "/api/state", DashboardHarness.Token)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
    }
}
