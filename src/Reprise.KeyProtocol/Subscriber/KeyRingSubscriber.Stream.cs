using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Reprise.Core.Keys;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyProtocol.Wire;

namespace Reprise.KeyProtocol;

// The stream: one at a time, to one address after the other.
public sealed partial class KeyRingSubscriber
{
    // A service that takes a connection and then says nothing is as good as gone; and so is one that stays behind what this node
    // holds already. One that merely has not heard the latest from the one that leads has it within this time.
    private static readonly TimeSpan s_ringBudget = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_ringBudgetOfSeveral = TimeSpan.FromSeconds(1.5);

    // A stream of this age has worked; its end is not counted with the failures before it.
    private static readonly TimeSpan s_lasting = TimeSpan.FromSeconds(10);

    private static readonly string s_version = typeof(KeyRingSubscriber).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Parsed by the validator already.
        var addresses = _options.Addresses.Select(text => KeyServiceAddress.TryParse(text, out var address) ? address : null).OfType<Uri>().ToList();
        var failures = 0;
        try
        {
            for (var turn = 0; ; turn++)
            {
                var address = addresses[turn % addresses.Count];
                var started = _time.GetTimestamp();
                var end = await FollowAsync(address, several: addresses.Count > 1, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
                if (end.WasConnected)
                {
                    // Two processes under one name end each other's streams: that must not become a race.
                    if (_time.GetElapsedTime(started) >= s_lasting)
                        failures = 0;
                    Log.Lost(_logger, address.Authority, end.Reason, _current?.Generation ?? 0);
                }
                else if (failures < addresses.Count)
                    Log.Unreachable(_logger, address.Authority, end.Reason, _current?.Generation ?? 0);
                else
                    Log.StillUnreachable(_logger, address.Authority, end.Reason);

#pragma warning disable CA5394 // Jitter need not be unpredictable.
                await Task.Delay(ReconnectDelay.After(failures, addresses.Count, Random.Shared.NextDouble()), _time, stoppingToken);
#pragma warning restore CA5394
                failures++;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to.
        }
    }

    // Follows one key service until the stream ends, however it ends.
    private async Task<StreamEnd> FollowAsync(Uri address, bool several, CancellationToken stoppingToken)
    {
        string? refusal = null;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            // Read anew each time, so that a renewed certificate is taken up.
            using var credentials = PeerCredentials.Load(_options.Authority, _options.Certificate, _options.Key);
            using var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
            {
                HttpHandler = KeyServiceHandler.Create(credentials, reason => refusal = reason, several),
                DisposeHttpClient = true,
            });
            using var call = new V1.KeyDistribution.KeyDistributionClient(channel).Subscribe(cancellationToken: ending.Token);
            var outgoing = Channel.CreateUnbounded<V1.SubscribeRequest>(new UnboundedChannelOptions { SingleReader = true });
            outgoing.Writer.TryWrite(Hello(credentials.Identity));
            _outgoing = outgoing.Writer;
            var sending = SendAsync(call.RequestStream, outgoing.Reader, ending.Token);
            var receiving = ReceiveAsync(address, several ? s_ringBudgetOfSeveral : s_ringBudget, call.ResponseStream, outgoing.Writer, ending.Token);
            var silent = several ? UntilSilentAsync(channel.CreateCallInvoker(), ending.Token) : Task.Delay(Timeout.InfiniteTimeSpan, ending.Token);
            try
            {
                var first = await Task.WhenAny(receiving, silent);
                return new StreamEnd(_connected, first == receiving ? await receiving : $"no answer within {s_answerBudget.TotalSeconds} s");
            }
            finally
            {
                await ending.CancelAsync();
                // A ring that is just being put to use is put to use to the end.
                await Task.WhenAll(sending, receiving, silent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (RpcException fault)
        {
            return new StreamEnd(_connected, refusal ?? KeyServiceChannel.RootCause(fault)?.Message.ReplaceLineEndings(" ") ?? $"{fault.StatusCode}: {fault.Status.Detail}");
        }
        catch (Exception fault) when (fault is PeerCredentialsException or IOException or OperationCanceledException)
        {
            return new StreamEnd(_connected, fault.Message.ReplaceLineEndings(" "));
        }
        finally
        {
            _connected = false;
            _outgoing = null;
        }
    }

    // Gives the reason why this side ends the stream.
    private async Task<string> ReceiveAsync(
        Uri address, TimeSpan budget, IAsyncStreamReader<V1.SubscribeResponse> incoming, ChannelWriter<V1.SubscribeRequest> outgoing, CancellationToken cancel)
    {
        using var heart = _time.CreateTimer(_ => outgoing.TryWrite(Beat()), null, _options.HeartbeatInterval, _options.HeartbeatInterval);
        var since = _time.GetTimestamp();
        var missing = "it sent no key ring";
        while (await NextAsync(incoming, budget - _time.GetElapsedTime(since), missing, cancel))
        {
            if (incoming.Current.Question is { } question)
                Answer(question, outgoing, cancel);
            // Messages of a later version are passed over.
            if (incoming.Current.KeyRing is not { } wire)
                continue;
            if (!KeyRingWire.TryParse(wire, out var push, out var reason))
                return $"it sent a key ring that is refused: {reason}";
            if (_current is { } held && held.Generation > push.Ring.Generation)
            {
                // Not to be taken, nor to be acknowledged; but a later one may be on its way.
                EpochSecret.DisposeAll(push.Ring.SecretsNotIn(null));
                missing = $"it is behind: it holds generation {push.Ring.Generation}, this node {held.Generation}";
                continue;
            }

            if (Adopt(push) is { } refused)
                return refused;
            Interlocked.Exchange(ref _acknowledged, push.Ring.Generation);
            outgoing.TryWrite(new V1.SubscribeRequest { Acknowledge = Acknowledge(push.Ring.Generation) });
            if (!_connected)
            {
                // Totals to count from: so that the next heartbeat tells how many there were in between.
                outgoing.TryWrite(Beat());
                Log.Connected(_logger, address.Authority, push.Ring.Generation);
            }
            else
                Log.Acknowledged(_logger, push.Ring.Generation);
            _connected = true;
        }

        return "it ended the stream";
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<V1.SubscribeResponse> incoming, TimeSpan left, string missing, CancellationToken cancel)
    {
        var next = incoming.MoveNext(cancel);
        if (_connected)
            return await next;
        try
        {
            return await next.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancel);
        }
        catch (TimeoutException)
        {
            throw new IOException(missing);
        }
    }

    private static async Task SendAsync(
        IClientStreamWriter<V1.SubscribeRequest> stream, ChannelReader<V1.SubscribeRequest> outgoing, CancellationToken cancel)
    {
        try
        {
            await foreach (var message in outgoing.ReadAllAsync(cancel))
                await stream.WriteAsync(message, cancel);
        }
        catch (Exception fault) when (fault is RpcException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // The stream has ended; the reading side tells why.
        }
    }

    private V1.SubscribeRequest Hello(KeyIdentity identity)
    {
        var held = _current;
        return new V1.SubscribeRequest
        {
            Hello = new V1.Hello
            {
                Node = identity.Name,
                Version = s_version,
                Generation = held?.Generation ?? 0,
                Profiles = { from profile in _profiles?.Read() ?? [] select ToWire(profile) },
                Purges = { held?.Purges.ToWire() ?? [] },
                Switches = { held?.Switches.ToWire() ?? [] },
            },
        };
    }

    // With what is in force since the handlers have run.
    private V1.Acknowledge Acknowledge(long generation) => new()
    {
        Generation = generation,
        Profiles = { from profile in _profiles?.Read() ?? [] select ToWire(profile) },
    };

    private static V1.ServedProfile ToWire(ServedProfile profile) => new()
    {
        Name = profile.Name,
        ScopeTag = profile.ScopeTag,
        Stateful = profile.Stateful,
        Stateless = profile.Stateless,
    };

    private V1.SubscribeRequest Beat()
    {
        var beat = new V1.Heartbeat { SentAt = _time.GetUtcNow().ToTimestamp(), Handshakes = _handshakes?.Read() };
        foreach (var use in _uses?.Read() ?? [])
            beat.Uses.Add(new V1.EpochUse { Epoch = use.Epoch, Seals = use.Seals, Opens = use.Opens });
        return new V1.SubscribeRequest { Heartbeat = beat };
    }

    private readonly record struct StreamEnd(bool WasConnected, string Reason);
}
