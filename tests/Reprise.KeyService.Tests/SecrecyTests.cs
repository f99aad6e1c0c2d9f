using Google.Protobuf;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;

namespace Reprise.KeyService.Tests;

public sealed class SecrecyTests
{
    [Fact]
    public async Task Secrets_AfterALifeOfSubscriptionsAndRotations_AreInNoLogMetricOrAnswer()
    {
        await using var service = await KeyServiceHarness.StartAsync();
        var keeper = (Epochs.EpochKeeper)service.Services.GetService(typeof(Epochs.EpochKeeper))!;
        var seen = new List<string>();
        await using var node = await service.NodeAsync("edge-1");
        var subscriber = await service.SubscribeAsync("edge-2", changed: ring => seen.Add(ring.ToString()));
        var channel = service.Channel();
        using (var rotation = new RunningRotation(channel))
        {
            var done = rotation.DoneAsync();
            await node.AcknowledgeAsync((await node.RingAsync()).Generation);
            await node.AcknowledgeAsync((await node.RingAsync()).Generation);
            await done;
            seen.AddRange(rotation.Steps.Select(step => step.ToString()));
        }

        var listed = await channel.Admin.ListAsync(new ListRequest());
        using var client = new HttpClient();
        seen.Add(listed.ToString());
        seen.Add(JsonFormatter.Default.Format(listed));
        seen.Add(await client.GetStringAsync(new Uri(service.Management, "/metrics")));
        seen.Add(service.Log.Text);
        seen.Add(keeper.Current.ToString());
        seen.Add(subscriber.Current!.Epochs[0].ToString());
        var text = string.Join('\n', seen);

        Assert.Equal(2, keeper.Current.Epochs.Length);
        Assert.Contains("Serialized", text, StringComparison.Ordinal);
        foreach (var epoch in keeper.Current.Epochs)
        {
            var secret = new byte[Core.Keys.EpochSecret.Length];
            epoch.Secret!.CopyTo(secret);
            Assert.DoesNotContain(Convert.ToHexString(secret.AsSpan(0, 6)), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString(secret.AsSpan(0, 6)), Hyphenless(text), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(secret)[..8], text, StringComparison.Ordinal);
        }
    }

    private static string Hyphenless(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
}
