using System.Net.Http.Json;
using System.Text.Json;
using Reprise.Cli.Up;

namespace Reprise.Cli.Tests.Up;

public sealed class DemoUpstreamTests
{
    [Fact]
    public async Task Request_OfAnyKind_IsToldBackAsItArrived()
    {
        await using var upstream = await DemoUpstream.StartAsync(LocalPorts.TakeFree(1)[0], TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("X-Reprise-Session", "stateless");

        using var response = await http.PostAsync($"http://{upstream.Address}/a/b?c=d", content: null, TestContext.Current.CancellationToken);
        var told = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

        Assert.Equal("POST", told.GetProperty("method").GetString());
        Assert.Equal("/a/b", told.GetProperty("path").GetString());
        Assert.Equal("?c=d", told.GetProperty("query").GetString());
        Assert.Equal("stateless", told.GetProperty("headers").GetProperty("X-Reprise-Session").GetString());
    }
}
