using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.Wire;
using Reprise.Testing;
using static Reprise.KeyProtocol.Tests.Subscriber.ScriptedService;

namespace Reprise.KeyProtocol.Tests.Subscriber;

public sealed class KeyRingSubscriberTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _files = new();
    private readonly TestAuthority _authority = new();
    private readonly Lines _log = new();
    private readonly List<KeyRingSubscriber> _subscribers = [];
    private ScriptedService _service = null!;

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    public async ValueTask InitializeAsync()
    {
        _authority.WriteAll(_files.Path, keyServices: 2);
        _service = await ServeAsync("keys-1");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var subscriber in _subscribers)
        {
            await subscriber.StopAsync(CancellationToken.None);
            subscriber.Dispose();
        }

        await _service.DisposeAsync();
        _authority.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task Ring_Arrived_IsInUseByHandlersBeforeItIsAcknowledged()
    {
        var acknowledgedBefore = -1;
        var ring = Ring(10, Now, 1);
        _service.Greet(ring, 1);
        var subscriber = Make();
        subscriber.Changed += changed =>
        {
            Assert.Same(changed, subscriber.Current);
            Assert.NotNull(changed.SealingAt(Now));
            acknowledgedBefore = _service.Acknowledged.Count();
        };

        await subscriber.StartAsync(CancellationToken.None);

        Assert.Equal(10, (await subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout)).Generation);
        await Eventually.TrueAsync(() => _service.Acknowledged.SequenceEqual(new long[] { 10 }));
        Assert.Equal(0, acknowledgedBefore);
        await Eventually.TrueAsync(() => subscriber.Connected);
        Assert.Equal(("edge-1", 0L), (_service.Hellos.Single().Node, _service.Hellos.Single().Generation));
    }

    [Fact]
    public async Task Handler_Throws_GenerationIsNotAcknowledgedAndComesAgain()
    {
        _service.Greet(Ring(10, Now, 1), 1);
        var calls = 0;
        var subscriber = Make();
        subscriber.Changed += _ =>
        {
            if (++calls == 1)
                throw new InvalidOperationException("no room");
            // The ring of a second stream, which came since the first was not acknowledged.
            Assert.Empty(_service.Acknowledged);
        };
        // A message's secrets are wiped when it has been sent; the second greeting needs its own.
        var again = Ring(10, Now, 1);

        await subscriber.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => calls == 1);
        _service.Greet(again, 1);

        await Eventually.TrueAsync(() => _service.Acknowledged.Contains(10));
        Assert.Equal(2, calls);
        Assert.Contains(_log.All, line => line.Level is LogLevel.Error);
    }

    [Fact]
    public async Task Ring_OlderThanTheOneHeld_IsNotTaken()
    {
        var subscriber = await StartedAsync(Ring(10, Now, 2));
        var held = subscriber.Current;

        _service.Greet(Ring(9, Now, 1), 1);
        _service.Cut();

        await Eventually.TrueAsync(() => _service.Hellos.Count() >= 3, TimeSpan.FromSeconds(30));
        Assert.Same(held, subscriber.Current);
        Assert.Equal([10], _service.Acknowledged);
        Assert.All(_service.Hellos.Skip(1), hello => Assert.Equal(10, hello.Generation));
        Assert.Contains(_log.All, line => line.Text.Contains("it is behind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ring_WithAWeakSecret_IsRefusedWhole()
    {
        var subscriber = await StartedAsync(Ring(10, Now, 1));
        var wire = KeyRingWire.ToWire(Ring(11, Now, 2, 1), 1);
        wire.Epochs[0].Secret = ByteString.CopyFrom(new byte[32]);

        await _service.PushAsync(wire);

        await Eventually.TrueAsync(() => _log.All.Any(line => line.Text.Contains("weak secret", StringComparison.Ordinal)));
        Assert.Equal(10, subscriber.Current!.Generation);
        Assert.DoesNotContain(11, _service.Acknowledged);
    }

    [Fact]
    public async Task Service_Gone_RingAtHandStaysAndEachChangeIsOneLine()
    {
        var subscriber = await StartedAsync(Ring(10, Now, 1));
        var held = subscriber.Current;
        var address = _service.Address;

        await _service.DisposeAsync();
        await Eventually.TrueAsync(() => !subscriber.Connected);
        await Eventually.TrueAsync(() => _log.All.Count(line => line.Level is LogLevel.Debug) >= 2);
        Assert.Same(held, subscriber.Current);
        Assert.NotNull(held!.SealingAt(Now));

        _service = await ServeAsync("keys-1", address);
        _service.Greet(Ring(11, Now, 2), 2);
        await Eventually.TrueAsync(() => subscriber.Connected);
        Assert.Equal(11, subscriber.Current!.Generation);

        var said = _log.All.Where(line => line.Level > LogLevel.Debug).Select(line => line.Text).ToList();
        Assert.Single(said, line => line.Contains("lost", StringComparison.Ordinal));
        Assert.Equal(2, said.Count(line => line.Contains("connected, generation", StringComparison.Ordinal)));
        Assert.InRange(said.Count, 3, 4);
    }

    [Fact]
    public async Task Service_FirstAddressDead_TakesTheNext()
    {
        _service.Greet(Ring(10, Now, 1), 1);
        var subscriber = Make(addresses: [$"https://127.0.0.1:{FreePort.Next()}", $"https://{_service.Address}"]);

        await subscriber.StartAsync(CancellationToken.None);

        await subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout);
    }

    [Fact]
    public async Task Service_ThatSaysNothing_IsLeftForTheNext()
    {
        _service.Mute();
        await using var other = await ServeAsync("keys-2");
        other.Greet(Ring(10, Now, 1), 1);
        var time = new FakeTimeProvider(Now);
        var subscriber = Make(time, addresses: [$"https://{_service.Address}", $"https://{other.Address}"]);

        await subscriber.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => _service.Hellos.Any());
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            return subscriber.FirstRing.IsCompleted;
        });

        Assert.Contains(_log.All, line => line.Text.Contains("it sent no key ring", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Service_WithoutAKeyRingYet_IsLeftForTheNextAtOnce()
    {
        _service.HaveNone();
        await using var other = await ServeAsync("keys-2");
        other.Greet(Ring(10, Now, 1), 1);
        var start = Now;
        var time = new FakeTimeProvider(start);
        var subscriber = Make(time, addresses: [$"https://{_service.Address}", $"https://{other.Address}"]);

        await subscriber.StartAsync(CancellationToken.None);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(1)); // what there is to wait for is the jitter of all nodes
            return subscriber.FirstRing.IsCompleted;
        });

        Assert.Contains(_log.All, line => line.Text.Contains("Unavailable: this key service has no key ring yet", StringComparison.Ordinal));
        Assert.True(time.GetUtcNow() - start < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Service_ThatHasNotHeardTheLatestYet_IsKept()
    {
        await using var other = await ServeAsync("keys-2");
        var subscriber = await StartedAsync(Ring(10, Now, 2), other);
        other.Greet(Ring(9, Now, 1), 1);

        _service.Cut();
        await Eventually.TrueAsync(() => other.Hellos.Any());
        await other.PushAsync(Ring(11, Now, 3), 1);

        await Eventually.TrueAsync(() => subscriber.Connected && other.Acknowledged.Any());
        Assert.Equal([11], other.Acknowledged);
        Assert.Single(_service.Hellos);
    }

    [Fact]
    public async Task Service_ThatStaysBehind_IsLeftForTheNext()
    {
        await using var other = await ServeAsync("keys-2");
        var subscriber = await StartedAsync(Ring(10, Now, 2), other);
        other.Greet(Ring(9, Now, 1), 1);
        _service.Greet(Ring(11, Now, 3), 3);

        _service.Cut();

        await Eventually.TrueAsync(() => subscriber.Current!.Generation == 11);
        Assert.NotEmpty(other.Hellos);
        Assert.Empty(other.Acknowledged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Service_GoneOrAsleep_TheNextIsTakenWhileTheRingAtHandStays(bool asleep)
    {
        await using var relay = TcpRelay.Start(_service.Address);
        await using var other = await ServeAsync("keys-2");
        _service.Greet(Ring(10, Now, 1), 1);
        other.Greet(Ring(10, Now, 1), 1);
        var subscriber = Make(addresses: [$"https://{relay.Address}", $"https://{other.Address}"]);
        await subscriber.StartAsync(CancellationToken.None);
        await subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout);
        await Eventually.TrueAsync(() => subscriber.Connected);

        if (asleep)
        {
            relay.Stalled = true;
        }
        else
        {
            relay.Refuse();
            relay.CutAll();
        }

        // The same generation of another service is acknowledged too: how else would that one know.
        await Eventually.TrueAsync(() => other.Acknowledged.Contains(10));
        Assert.NotNull(subscriber.Current!.SealingAt(Now));
        Assert.Contains(_log.All, line => line.Text.Contains(asleep ? "lost (no answer within 1 s)" : "lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Acknowledgement_WithProfiles_TellsThemAsTheHandlersLeftThem()
    {
        var profiles = new Served();
        _service.Greet(Ring(10, Now, 1), 1);
        var subscriber = Make(profiles: profiles);
        subscriber.Changed += _ => profiles.Stateless = false;

        await subscriber.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => _service.Acknowledged.Any());
        Assert.True(_service.Hellos.Single().Profiles.Single().Stateless);
        Assert.False(_service.Heard.Select(message => message.Acknowledge).OfType<V1.Acknowledge>().Single().Profiles.Single().Stateless);
    }

    [Fact]
    public async Task Switches_OfARing_AreHeldAndTold()
    {
        var switches = ResumptionSwitches.None.Set("shop", false, null, Now);
        var ring = Ring(10, Now, 1);
        var subscriber = await StartedAsync(new KeyRing(10, ring.Epochs, null, switches));
        Assert.False(subscriber.Current!.Switches.Of("shop").Stateful);

        // A service that was restarted knows of none.
        _service.Greet(Ring(11, Now, 2), 2);
        _service.Cut();

        await Eventually.TrueAsync(() => subscriber.Current!.Generation == 11);
        Assert.Equal(switches.Of("shop").Number, _service.Hellos.Last().Switches.Single().Number);
        Assert.False(subscriber.Current!.Switches.Of("shop").Stateful);
    }

    [Fact]
    public async Task Service_OfAnotherAuthority_IsNotSpokenTo()
    {
        using var other = new TestAuthority();
        other.WriteAuthority(_files.File("other"));
        using var certificate = other.KeyService();
        var files = TestAuthority.Write(certificate, _files.File("other"), "keys-1");
        // It believes our CA, so that only the subscriber's own judgement stands between.
        await using var impostor = await ScriptedService.StartAsync(_files.File("ca.crt"), files);
        impostor.Greet(Ring(10, Now, 1), 1);
        var subscriber = Make(addresses: [$"https://{impostor.Address}"]);

        await subscriber.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => _log.All.Any(line => line.Text.Contains("refused by the configured CA", StringComparison.Ordinal)));
        Assert.Null(subscriber.Current);
        Assert.Empty(impostor.Heard);
    }

    [Theory]
    [InlineData("edge/edge-2")]
    [InlineData("admin/admin")]
    public async Task Service_OfAnotherRole_IsNotSpokenTo(string role)
    {
        // A node turned bad: all is right with its certificate, but that it is no key service.
        var files = IssueServer($"spiffe://reprise/{role}");
        await using var impostor = await ScriptedService.StartAsync(_files.File("ca.crt"), files);
        impostor.Greet(Ring(10, Now, 1), 1);
        var subscriber = Make(addresses: [$"https://{impostor.Address}"]);

        await subscriber.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => _log.All.Any(line => line.Text.Contains($"that of {role}, where a key service was expected", StringComparison.Ordinal)));
        Assert.Null(subscriber.Current);
        Assert.Empty(impostor.Heard);
    }

    [Fact]
    public async Task Service_WithAClientCertificate_IsNotSpokenTo()
    {
        using var certificate = _authority.Role("keyservice", "keys-1");
        var files = TestAuthority.Write(certificate, _files.File("impostor"), "keys-1");
        await using var impostor = await ScriptedService.StartAsync(_files.File("ca.crt"), files);
        var subscriber = Make(addresses: [$"https://{impostor.Address}"]);

        await subscriber.StartAsync(CancellationToken.None);

        await Eventually.TrueAsync(() => _log.All.Any(line => line.Text.Contains("NotValidForUsage", StringComparison.Ordinal)));
        Assert.Empty(impostor.Heard);
    }

    [Fact]
    public async Task Epoch_LifeOver_IsDroppedOnTimeWithTheServiceGone()
    {
        var time = new FakeTimeProvider(Now);
        var rings = new ConcurrentQueue<KeyRing>();
        var subscriber = await StartedAsync(Ring(10, time.GetUtcNow(), 2, 1), time, rings.Enqueue);
        var secrets = subscriber.Current!.Epochs.Select(epoch => epoch.Secret!).ToList();
        await _service.DisposeAsync();

        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Single(rings);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, subscriber.Current.Generation);
        Assert.Null(subscriber.Current.Find(1)!.Secret);
        Assert.Same(subscriber.Current, rings.Last());
        Assert.Throws<ObjectDisposedException>(() => secrets[1].CopyTo(new byte[EpochSecret.Length]));
        secrets[0].CopyTo(new byte[EpochSecret.Length]);
        // Sealing has ended too, by the clock alone.
        Assert.Null(subscriber.Current.SealingAt(time.GetUtcNow()));

        time.Advance(TimeSpan.FromHours(24));
        Assert.All(subscriber.Current.Epochs, epoch => Assert.Equal(EpochState.Destroyed, epoch.State));
        Assert.Throws<ObjectDisposedException>(() => secrets[0].CopyTo(new byte[EpochSecret.Length]));
    }

    [Fact]
    public async Task Ring_NewOne_KeepsSecretObjectsThatStayAndZeroesThoseThatGo()
    {
        var first = Ring(10, Now, 1);
        var bytes = new byte[EpochSecret.Length];
        first.Epochs[0].Secret!.CopyTo(bytes);
        var subscriber = await StartedAsync(first);
        var secret = subscriber.Current!.Epochs[0].Secret!;
        var staying = new KeyRing(11, [first.Epochs[0] with { Secret = EpochSecret.Import(bytes) }, .. Ring(1, Now, 2).Epochs.Select(epoch => epoch with { State = EpochState.Staged })]);

        await _service.PushAsync(staying, 1);
        await Eventually.TrueAsync(() => subscriber.Current.Generation == 11);
        Assert.Same(secret, subscriber.Current.Find(1)!.Secret);

        await _service.PushAsync(Ring(12, Now, 3), 1);
        await Eventually.TrueAsync(() => _service.Acknowledged.Contains(12));
        Assert.Throws<ObjectDisposedException>(() => secret.CopyTo(bytes));
    }

    [Fact]
    public async Task Stop_BeforeTheFirstRing_CancelsItsWaiters()
    {
        var subscriber = Make();
        await subscriber.StartAsync(CancellationToken.None);

        await subscriber.StopAsync(CancellationToken.None);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout));
    }

    [Fact]
    public async Task Dispose_Secrets_AreZeroed()
    {
        var subscriber = await StartedAsync(Ring(10, Now, 1));
        var secret = subscriber.Current!.Epochs[0].Secret!;

        await subscriber.StopAsync(CancellationToken.None);
        subscriber.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.CopyTo(new byte[EpochSecret.Length]));
    }

    private PemFiles IssueServer(string uri)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(uri));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = request.Create(_authority.Certificate, Now.AddMinutes(-5), Now.AddHours(1), [1, 2, 3, 4]);
        using var certificate = signed.CopyWithPrivateKey(key);
        return TestAuthority.Write(certificate, _files.File("impostor"), "x");
    }

    private Task<ScriptedService> ServeAsync(string name, string address = "127.0.0.1:0") =>
        ScriptedService.StartAsync(_files.File("ca.crt"), new PemFiles(_files.File($"{name}.crt"), _files.File($"{name}.key")), address);

    private async Task<KeyRingSubscriber> StartedAsync(KeyRing ring, TimeProvider? time = null, Action<KeyRing>? changed = null)
    {
        _service.Greet(ring, 1);
        var subscriber = Make(time);
        subscriber.Changed += changed;
        await subscriber.StartAsync(CancellationToken.None);
        await subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout);
        await Eventually.TrueAsync(() => subscriber.Connected && _service.Acknowledged.Contains(ring.Generation));
        return subscriber;
    }

    // With another service to go to.
    private async Task<KeyRingSubscriber> StartedAsync(KeyRing ring, ScriptedService other)
    {
        _service.Greet(ring, 1);
        var subscriber = Make(addresses: [$"https://{_service.Address}", $"https://{other.Address}"]);
        await subscriber.StartAsync(CancellationToken.None);
        await subscriber.FirstRing.WaitAsync(Eventually.DefaultTimeout);
        await Eventually.TrueAsync(() => subscriber.Connected && _service.Acknowledged.Contains(ring.Generation));
        return subscriber;
    }

    private KeyRingSubscriber Make(TimeProvider? time = null, IServedProfiles? profiles = null, params IReadOnlyList<string> addresses)
    {
        var options = new KeyRingSubscriberOptions
        {
            Authority = _files.File("ca.crt"),
            Certificate = _files.File("edge-1.crt"),
            Key = _files.File("edge-1.key"),
        };
        foreach (var address in addresses.Count > 0 ? addresses : [$"https://{_service.Address}"])
            options.Addresses.Add(address);
        var subscriber = new KeyRingSubscriber(Options.Create(options), time ?? TimeProvider.System, _log, profiles: profiles);
        _subscribers.Add(subscriber);
        return subscriber;
    }

    private sealed class Served : IServedProfiles
    {
        public bool Stateless { get; set; } = true;

        public IReadOnlyList<ServedProfile> Read() => [new("shop", 7, Stateful: true, Stateless)];
    }

    private sealed class Lines : ILogger<KeyRingSubscriber>
    {
        private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

        public IReadOnlyCollection<(LogLevel Level, string Text)> All => _lines;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((logLevel, formatter(state, exception)));
    }
}
