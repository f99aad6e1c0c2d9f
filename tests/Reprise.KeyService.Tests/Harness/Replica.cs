using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Hosting;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Harness;

/// <summary>One key service of a <see cref="ReplicaSet"/>: in this process (<paramref name="app"/>, <paramref name="log"/>) or one of its own.</summary>
internal sealed class Replica(ReplicaSet set, string name, string address, Uri management, CapturedLog? log, WebApplication? app, NodeProcess? process) : IAsyncDisposable
{
    private KeyServiceChannel? _admin;

    public string Name => name;

    public string Address => address;

    public NodeProcess Process => process!;

    public CapturedLog Log => log!;

    public IServiceProvider Services => app!.Services;

    /// <summary>Null where it is off.</summary>
    public Uri? Dashboard => app!.Services.GetRequiredService<ListenerAddresses>()[Listener.Dashboard] is { } bound ? new Uri($"https://{bound}") : null;

    /// <summary>Neither stopped nor killed.</summary>
    public bool Lives { get; private set; } = true;

    public KeyServiceChannel Admin => _admin ??= set.Channel(address);

    /// <summary>What it has logged.</summary>
    public string Output => log?.Text ?? process!.Output;

    public async Task<ListResponse> ListAsync() => await Admin.Admin.ListAsync(new());

    public async Task<ListResponse?> TryListAsync()
    {
        try
        {
            return await Admin.Admin.ListAsync(new(), deadline: DateTime.UtcNow.AddSeconds(2));
        }
        catch (RpcException)
        {
            return null;
        }
    }

    public async Task<NodeMetadata?> NodeAsync(string node) => (await Admin.Admin.NodesAsync(new())).Nodes.FirstOrDefault(each => each.Name == node);

    public async Task<bool> IsReadyAsync()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(management, "/readyz"));
        return answer.IsSuccessStatusCode;
    }

    public async Task<string> MetricsAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(management, "/metrics"));
    }

    /// <summary>A node with a stream here that says only what the test says; it has read its first ring.</summary>
    public async Task<ScriptedNode> JoinAsync(string node, bool acknowledge = true)
    {
        var scripted = set.Track(new ScriptedNode(set.Channel(address, node).Invoker));
        await scripted.SayAsync(new() { Hello = new() { Node = node, Version = "9.9", Profiles = { new ServedProfile { Name = "shop" } } } });
        var ring = await scripted.RingAsync();
        if (acknowledge)
            await scripted.AcknowledgeAsync(ring.Generation);
        return scripted;
    }

    public async Task KillAsync()
    {
        Lives = false;
        await process!.KillAsync();
    }

    /// <summary>An orderly end.</summary>
    public async Task StopAsync()
    {
        Lives = false;
        if (process is not null)
        {
            Assert.Equal(0, await process.TerminateAsync());
            return;
        }

        await app!.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
        if (app is not null)
        {
            if (Lives)
                await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
