using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class HostileRequestTests
{
    public static TheoryData<string, string> Forms => new()
    {
        { "multipart/form-data", "no boundary" },
        { "multipart/form-data; boundary=x", "never a boundary" },
        { "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\ncut off" },
        { "multipart/form-data; boundary=x", "--x\r\n" + new string('h', 20_000) + "\r\n\r\n\r\n--x--" },
        { "application/x-www-form-urlencoded", string.Concat(Enumerable.Range(0, 2000).Select(i => $"k{i}=v&")) },
        { "application/x-www-form-urlencoded", new string('k', 5000) + "=v" },
        { "application/x-www-form-urlencoded", "token=%zz%ff%00&__RequestVerificationToken=%00" },
        { "application/json", "{" },
        { "application/x-www-form-urlencoded; charset=nonsense", "token=x" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task SignIn_FormThatIsNone_IsRefusedAndNoFaultOfOurs(string type, string body)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser();
        using var page = await browser.GetAsync("/sign-in");
        using var request = Post("/sign-in", type, body);

        using var answer = await browser.SendAsync(request);

        Assert.Equal("", string.Join('\n', dashboard.Service.Log.Lines.Where(line => line.Level >= LogLevel.Error).Select(line => line.Text)));
        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Theory]
    [InlineData("/sign-in", "application/x-www-form-urlencoded")]
    [InlineData("/api/rotate", "application/json")]
    [InlineData("/nowhere", "application/x-www-form-urlencoded")]
    public async Task Post_MoreThanAnyFormHolds_IsNotReadToItsEnd(string path, string type)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        using var request = Post(path, type, "token=" + new string('x', 1_000_000));

        using var answer = await dashboard.Browser().SendAsync(request);

        Assert.Equal("", string.Join('\n', dashboard.Service.Log.Lines.Where(line => line.Level >= LogLevel.Error).Select(line => line.Text)));
        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public async Task Anything_OfAStranger_LeavesNoWarning()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        // As every browser has them after a restart, or whoever makes them up.
        using var page = new HttpRequestMessage(HttpMethod.Get, new Uri("/sign-in", UriKind.Relative)) { Version = HttpVersion.Version20 };
        page.Headers.Add("Cookie", "__Host-reprise-forgery-keys-1=CfDJ8AAAAAAAAAAAAAAAAAAAAABKl4aY6qZOKwo5; __Host-reprise-dashboard-keys-1=CfDJ8AAAAAAAAAAAAAAAAAAAAABKl4aY6qZOKwo5");
        using var signOut = Post("/sign-out", "application/json", "{}");
        using var action = Post("/api/rotate", "application/json", "{}");
        action.Headers.Add("Cookie", page.Headers.GetValues("Cookie"));
        var before = Warnings(dashboard).Count;

        foreach (var request in new[] { page, signOut, action })
            (await dashboard.Browser().SendAsync(request)).Dispose();
        using var wrong = await dashboard.Browser().SignInAsync("a-token-that-is-not-the-one-in-the-file");

        Assert.Equal([], Warnings(dashboard).Skip(before));
    }

    private static List<string> Warnings(DashboardHarness dashboard) =>
        [.. dashboard.Service.Log.Lines.Where(line => line.Level >= LogLevel.Warning && line.Category.StartsWith("Microsoft.", StringComparison.Ordinal)).Select(line => $"{line.Category}: {line.Text}")];

    private static HttpRequestMessage Post(string path, string type, string body)
    {
        var content = new ByteArrayContent(System.Text.Encoding.Latin1.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content, Version = HttpVersion.Version20 };
    }
}
