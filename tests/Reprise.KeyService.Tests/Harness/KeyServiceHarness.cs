using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Client;
using Reprise.KeyService.Hosting;
using Reprise.Testing;

namespace Reprise.KeyService.Tests.Harness;

/// <summary>A key service in this process: real Kestrel, real mTLS, a CA of this test's own. Restarts in its place.</summary>
internal sealed class KeyServiceHarness : IAsyncDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly Dictionary<string, string?> _settings;
    private readonly TimeProvider? _time;
    private readonly List<IAsyncDisposable> _clients = [];
    private WebApplication? _app;

    private KeyServiceHarness(Dictionary<string, string?> settings, TimeProvider? time)
    {
        _settings = settings;
        _time = time;
        Authority.WriteAll(_files.Path);
    }

    public TestAuthority Authority { get; } = new();

    public CapturedLog Log { get; } = new();

    /// <summary>HOST:PORT of gRPC; stays the same over a restart.</summary>
    public string Address { get; private set; } = "127.0.0.1:0";

    public Uri Management { get; private set; } = null!;

    /// <summary>Null where it is off.</summary>
    public Uri? Dashboard { get; private set; }

    public IServiceProvider Services => _app!.Services;

    public string File(string name) => _files.File(name);

    public static Task<KeyServiceHarness> StartAsync(TimeProvider? time = null, params (string Key, string Value)[] settings) => StartAsync(time, _ => { }, settings);

    /// <param name="time">The clock; the system's if null.</param>
    /// <param name="prepare">Puts more into the directory of its files before it starts.</param>
    /// <param name="settings">Over those of all tests.</param>
    public static async Task<KeyServiceHarness> StartAsync(TimeProvider? time, Action<string> prepare, params (string Key, string Value)[] settings)
    {
        var harness = new KeyServiceHarness(settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value), time);
        prepare(harness._files.Path);
        await harness.StartAsync();
        return harness;
    }

    public async Task StartAsync()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["KeyService:Name"] = "keys-1",
            ["KeyService:Grpc"] = Address,
            ["KeyService:Management"] = "127.0.0.1:0",
            ["KeyService:Authority"] = "ca.crt",
            ["KeyService:Certificate"] = "keys-1.crt",
            ["KeyService:Key"] = "keys-1.key",
            ["Rotation:MinimumSpacing"] = "00:00:00",
            // Everything that anybody would log, so that tests can look for what must not be there.
            ["Logging:LogLevel:Default"] = "Trace",
            ["Logging:LogLevel:Microsoft"] = "Trace",
            ["Logging:LogLevel:Grpc"] = "Trace",
            ["Logging:Console:LogLevel:Default"] = "None",
        }).AddInMemoryCollection(_settings).Build();
        _app = KeyServiceHost.Create(ConfigurationFile.Create(configuration, _files.Path), _time);
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Log);
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<ListenerAddresses>();
        Address = $"{addresses[Listener.Grpc]}";
        Management = new Uri($"http://{addresses[Listener.Management]}");
        Dashboard = addresses[Listener.Dashboard] is { } dashboard ? new Uri($"https://{dashboard}") : null;
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>A channel as this role's holder; files <c>NAME.crt</c>, <c>NAME.key</c>.</summary>
    public KeyServiceChannel Channel(string name = "admin") => Track(KeyServiceChannel.Create([Address], File("ca.crt"), File($"{name}.crt"), File($"{name}.key")));

    /// <summary>A channel that shows an admin's certificate of another authority.</summary>
    public KeyServiceChannel StrangersChannel()
    {
        using var other = new TestAuthority("Another CA");
        using var certificate = other.Admin();
        TestAuthority.Write(certificate, _files.Path, "stranger");
        return Channel("stranger");
    }

    /// <summary>A new certificate for a node, in the place of the old one.</summary>
    public void Renew(string node)
    {
        using var certificate = Authority.Edge(node);
        TestAuthority.Write(certificate, _files.Path, node);
    }

    /// <summary>A real subscriber that has its first ring.</summary>
    public async Task<KeyRingSubscriber> SubscribeAsync(string node = "edge-1", IEpochUse? uses = null, Action<Core.Keys.KeyRing>? changed = null, ISessionExplainer? explainer = null)
    {
        var options = new KeyRingSubscriberOptions
        {
            Addresses = { $"https://{Address}" },
            Authority = File("ca.crt"),
            Certificate = File($"{node}.crt"),
            Key = File($"{node}.key"),
            HeartbeatInterval = TimeSpan.FromSeconds(1),
        };
        var subscriber = new KeyRingSubscriber(Options.Create(options), TimeProvider.System, NullLogger<KeyRingSubscriber>.Instance, uses, explainer: explainer);
        if (changed is not null)
            subscriber.Changed += changed;
        _clients.Add(new RunningSubscriber(subscriber));
        await subscriber.StartAsync(CancellationToken.None);
        await subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout);
        return subscriber;
    }

    /// <summary>A node that says only what the test says; it has said hello and read its first ring.</summary>
    public async Task<ScriptedNode> NodeAsync(string node, bool acknowledge = true)
    {
        var scripted = new ScriptedNode(Channel(node).Invoker);
        _clients.Add(scripted);
        await scripted.SayAsync(new() { Hello = new() { Node = node, Version = "9.9" } });
        var ring = await scripted.RingAsync();
        if (acknowledge)
            await scripted.AcknowledgeAsync(ring.Generation);
        return scripted;
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _clients.Count - 1; i >= 0; i--)
            await _clients[i].DisposeAsync();
        if (_app is not null)
            await StopAsync();
        Authority.Dispose();
        _files.Dispose();
    }

    /// <summary>Ends it with the harness.</summary>
    public ScriptedNode Track(ScriptedNode node)
    {
        _clients.Add(node);
        return node;
    }

    private KeyServiceChannel Track(KeyServiceChannel channel)
    {
        _clients.Add(new Deferred(channel));
        return channel;
    }

    private sealed class Deferred(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class RunningSubscriber(KeyRingSubscriber subscriber) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await subscriber.StopAsync(CancellationToken.None);
            subscriber.Dispose();
        }
    }
}
