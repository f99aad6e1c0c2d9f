using System.Net;
using System.Text.Json;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Dashboard;

public sealed class ActionTests
{
    [Fact]
    public async Task Rotate_ByToken_TellsEachStepAndIsAuditedAsTheDashboards()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        await dashboard.Service.SubscribeAsync("edge-1");
        var browser = await dashboard.SignedInAsync();

        var steps = await LinesAsync(await browser.PostAsync("/api/rotate", new { }));

        Assert.Equal(["staged", "acknowledged", "activated", "acknowledged", "done"], steps.Select(Kind));
        Assert.True(steps[^1].GetProperty("done").GetProperty("complete").GetBoolean());
        Assert.Equal(2, (await dashboard.Service.Channel().Admin.ListAsync(new())).Epochs.Count);
        await AuditedAsync(dashboard.Service.Channel().AuditAsync, "admin/dashboard", "rotate", "ok");
    }

    [Fact]
    public async Task Rotate_ByCertificate_IsAuditedUnderItsName()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = dashboard.Browser("admin");
        using var page = await browser.GetAsync("/");

        var steps = await LinesAsync(await browser.PostAsync("/api/rotate", new { }));

        Assert.Equal("done", Kind(steps[^1]));
        await AuditedAsync(dashboard.Service.Channel().AuditAsync, "admin/admin", "rotate", "ok");
    }

    [Fact]
    public async Task Revoke_NumberTyped_DestroysTheEpoch()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        await dashboard.Service.SubscribeAsync("edge-1");
        var epoch = (await dashboard.Service.Channel().Admin.ListAsync(new())).Epochs[0].Number;
        var browser = await dashboard.SignedInAsync();

        var steps = await LinesAsync(await browser.PostAsync("/api/revoke", new { epoch, purgeSessions = true, confirm = $"{epoch}" }));

        Assert.Contains("revoked", steps.Select(Kind));
        Assert.Equal("done", Kind(steps[^1]));
        Assert.DoesNotContain((await dashboard.Service.Channel().Admin.ListAsync(new())).Epochs, left => left.Number == epoch && left.State is not EpochState.Destroyed);
        await AuditedAsync(dashboard.Service.Channel().AuditAsync, "admin/dashboard", "revoke", "ok");
    }

    [Fact]
    public async Task Revoke_NotTypedOrOtherwise_DoesNothing()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var before = await dashboard.Service.Channel().Admin.ListAsync(new());
        var epoch = before.Epochs[0].Number;
        var browser = await dashboard.SignedInAsync();

        foreach (var body in new object[] { new { epoch }, new { epoch, confirm = "" }, new { epoch, confirm = $"{epoch + 1}" }, new { epoch, confirm = $"{epoch}", sure = true }, new { confirm = $"{epoch}" } })
            await AssertErrorAsync(HttpStatusCode.BadRequest, "INVALID", await browser.PostAsync("/api/revoke", body));

        Assert.Equal(before.Generation, (await dashboard.Service.Channel().Admin.ListAsync(new())).Generation);
    }

    [Fact]
    public async Task Revoke_EpochThatIsNone_IsNotFound()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();

        await AssertErrorAsync(HttpStatusCode.NotFound, "NOT_FOUND", await browser.PostAsync("/api/revoke", new { epoch = 99, confirm = "99" }));
    }

    [Fact]
    public async Task SwitchAndPurge_ServedProfile_AreCarriedOutAndAudited()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        await ServeAsync(dashboard.Service, "shop");
        var browser = await dashboard.SignedInAsync();

        var switched = Assert.Single(await LinesAsync(await browser.PostAsync("/api/switch", new { profile = "shop", stateless = false })));
        var purged = Assert.Single(await LinesAsync(await browser.PostAsync("/api/purge", new { profile = "shop" })));
        var all = Assert.Single(await LinesAsync(await browser.PostAsync("/api/purge", new { all = true, confirm = "all" })));

        Assert.True(switched.TryGetProperty("switch", out _));
        Assert.True(purged.TryGetProperty("number", out _));
        Assert.True(all.TryGetProperty("number", out _));
        var list = await dashboard.Service.Channel().Admin.ListAsync(new());
        Assert.False(Assert.Single(list.Switches).Stateless);
        Assert.NotEmpty(list.Purges);
        var profile = Assert.Single((await browser.StateAsync()).GetProperty("profiles").EnumerateArray());
        Assert.True(profile.GetProperty("switched").GetBoolean());
        Assert.False(profile.GetProperty("stateless").GetBoolean());
        await AuditedAsync(dashboard.Service.Channel().AuditAsync, "admin/dashboard", "set_resumption");
        await AuditedAsync(dashboard.Service.Channel().AuditAsync, "admin/dashboard", "purge_sessions");
    }

    [Theory]
    [InlineData("/api/purge", """{ "all": true }""")]
    [InlineData("/api/purge", """{ "all": true, "confirm": "yes" }""")]
    [InlineData("/api/purge", """{ "all": true, "profile": "shop", "confirm": "all" }""")]
    [InlineData("/api/purge", """{ }""")]
    [InlineData("/api/purge", """null""")]
    [InlineData("/api/purge", """{ "profile": """)]
    [InlineData("/api/switch", """{ "profile": "shop" }""")]
    [InlineData("/api/switch", """{ "stateful": true }""")]
    [InlineData("/api/switch", """{ "profile": "shop", "stateful": "off" }""")]
    [InlineData("/api/rotate", """{ "now": true }""")]
    public async Task Action_BodyThatItDoesNotTake_DoesNothing(string path, string body)
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        await ServeAsync(dashboard.Service, "shop");
        var before = (await dashboard.Service.Channel().Admin.ListAsync(new())).Generation;
        var browser = await dashboard.SignedInAsync();

        await AssertErrorAsync(HttpStatusCode.BadRequest, "INVALID", await browser.PostAsync(path, new { }, request =>
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json")));

        Assert.Equal(before, (await dashboard.Service.Channel().Admin.ListAsync(new())).Generation);
    }

    [Fact]
    public async Task Action_SameIdempotencyKey_IsCarriedOutOnce()
    {
        await using var dashboard = await DashboardHarness.StartAsync();
        var browser = await dashboard.SignedInAsync();

        var first = await LinesAsync(await browser.PostAsync("/api/rotate", new { }, request => request.Headers.Add("Idempotency-Key", "once")));
        var second = await LinesAsync(await browser.PostAsync("/api/rotate", new { }, request => request.Headers.Add("Idempotency-Key", "once")));

        Assert.Equal(Epoch(first), Epoch(second));
        Assert.Equal(2, (await dashboard.Service.Channel().Admin.ListAsync(new())).Epochs.Count);

        static string? Epoch(List<JsonElement> steps) => steps[^1].GetProperty("done").GetProperty("epoch").GetString();
    }

    [Fact]
    public async Task Actions_OfAKeyServiceThatFollows_AreCarriedOutByTheLeader()
    {
        await using var set = await ReplicaSet.StartAsync(2, ("Dashboard:Listen", "127.0.0.1:0"));
        var follower = await set.FollowerAsync();
        var acknowledging = AcknowledgeAllAsync(await follower.JoinAsync("edge-1"));
        using var browser = new Browser(follower.Dashboard!, System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(set.File("admin.crt"), set.File("admin.key")));
        using var page = await browser.GetAsync("/");
        await Eventually.TrueAsync(async () => (await (await set.LeaderAsync()).NodeAsync("edge-1"))?.Live == true);
        var epoch = (await follower.ListAsync()).Epochs[0].Number;

        var switched = await LinesAsync(await browser.PostAsync("/api/switch", new { profile = "shop", stateful = false }));
        var purged = await LinesAsync(await browser.PostAsync("/api/purge", new { profile = "shop" }));
        var rotated = await LinesAsync(await browser.PostAsync("/api/rotate", new { }));
        var revoked = await LinesAsync(await browser.PostAsync("/api/revoke", new { epoch, confirm = $"{epoch}" }));

        Assert.Equal("shop", switched[^1].GetProperty("switch").GetProperty("profile").GetString());
        Assert.True(purged[^1].TryGetProperty("number", out _));
        Assert.Equal("done", Kind(rotated[^1]));
        Assert.Equal("done", Kind(revoked[^1]));
        foreach (var action in new[] { "set_resumption", "purge_sessions", "rotate", "revoke" })
            await AuditedAsync(follower.Admin.AuditAsync, "admin/admin", action);
        Assert.False(acknowledging.IsCompleted);
    }

    private static string Kind(JsonElement step) => step.EnumerateObject().First().Name;

    // The node serves a profile, and acknowledges all that it is sent.
    private static async Task ServeAsync(KeyServiceHarness service, string profile)
    {
        var node = await service.NodeAsync("edge-1", acknowledge: false);
        var generation = node.Last!.Generation;
        await node.SayAsync(new() { Acknowledge = new() { Generation = generation, Profiles = { new ServedProfile { Name = profile, Stateful = true, Stateless = true } } } });
        _ = AcknowledgeAllAsync(node);
        await Eventually.TrueAsync(async () => (await service.Channel().Admin.NodesAsync(new())).Nodes[0].Profiles.Count == 1);
    }

    // Until the node or its key service ends.
    private static async Task AcknowledgeAllAsync(ScriptedNode node)
    {
        while (true)
            await node.AcknowledgeAsync((await node.RingAsync()).Generation);
    }

    private static async Task<List<JsonElement>> LinesAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode} {text}");
            Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        }
    }

    private static async Task AssertErrorAsync(HttpStatusCode status, string code, HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(status, answer.StatusCode);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal(code, body.RootElement.GetProperty("error").GetProperty("code").GetString());
        }
    }

    private static Task AuditedAsync(Func<Task<List<AuditEntry>>> read, string actor, string action, string? result = null) =>
        Eventually.TrueAsync(async () => (await read()).Any(entry => entry.Actor == actor && entry.Action == action && (result is null || entry.Result == result)));
}
