using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Reprise.KeyProtocol.V1;
using Reprise.KeyService.Tests.Harness;
using Reprise.Testing;
using StackExchange.Redis;

namespace Reprise.KeyService.Tests.Store;

/// <summary>A store that is away, empty, in other hands, or sealed under another key.</summary>
public sealed class StoreFaultTests
{
    private const string LeastRights =
        "~reprise:k:* resetchannels &reprise:k:* -@all +@connection +@transaction +get +mget +set +setex +del +exists +expire +pexpire +hgetall +hset +hmset +xadd +xrange +xrevrange +publish +subscribe +unsubscribe +info";

    private const string Ledger = "reprise:k:{keys}:ledger";

    [Fact]
    public async Task Store_KilledAndEmptyAfterwards_LosesNothing()
    {
        await using var set = await ReplicaSet.StartAsync(2, ("Rotation:AcknowledgeTimeout", "00:00:00.2"));
        await set.Replicas[0].JoinAsync("edge-1");
        await (await set.LeaderAsync()).Admin.Admin.PurgeSessionsAsync(new() { All = true });
        var before = await (await set.LeaderAsync()).ListAsync();

        await set.Redis.KillAsync();
        await Eventually.TrueAsync(async () => (await Task.WhenAll(set.Replicas.Select(replica => replica.ListAsync()))).All(list => list.Leader.Length == 0));
        foreach (var replica in set.Replicas)
        {
            Assert.Equal(ReplicaSet.Describe(new(before) { Leader = "" }), ReplicaSet.Describe(await replica.ListAsync()));
            Assert.True(await replica.IsReadyAsync());
            var fault = await Assert.ThrowsAsync<RpcException>(async () => await replica.Admin.Admin.PurgeSessionsAsync(new() { All = true }));
            Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        }

        await set.Redis.RestartAsync();
        var after = await (await set.LeaderAsync()).ListAsync();

        Assert.Equal(ReplicaSet.Describe(new(before) { Leader = "" }), ReplicaSet.Describe(new(after) { Leader = "" }));
        Assert.Single(after.Epochs, epoch => epoch.State is EpochState.Active);
        await Eventually.TrueAsync(async () => await set.Replicas[1].NodeAsync("edge-1") is { Live: true });
        await Eventually.TrueAsync(async () => await CanPurgeAsync(set.Replicas[1]));
        Assert.True((await set.Replicas[0].ListAsync()).Generation > before.Generation);
    }

    [Fact]
    public async Task Store_AwayAtStart_IsNotReadyAndGoesOnWhenItComes()
    {
        await using var set = await ReplicaSet.StartAsync();
        await set.Redis.KillAsync();
        var replica = await set.AddAsync("keys-1");

        Assert.False(await replica.IsReadyAsync());
        Assert.Equal(0, (await replica.ListAsync()).Generation);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await replica.Admin.Admin.PurgeSessionsAsync(new() { All = true }));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        var stream = set.Track(new ScriptedNode(set.Channel(replica.Address, "edge-1").Invoker));
        await stream.SayAsync(new() { Hello = new() { Node = "edge-1" } });
        Assert.Equal(StatusCode.Unavailable, (await stream.EndAsync()).StatusCode);

        await set.Redis.RestartAsync();

        await Eventually.TrueAsync(replica.IsReadyAsync);
        Assert.Single((await replica.ListAsync()).Epochs);
        Assert.Equal(1, replica.Log.Lines.Count(line => line.Text.StartsWith("Key store: does not serve", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task KeyEncryptionKey_Replaced_OpensWithBothThenWithTheNewAlone()
    {
        await using var set = await ReplicaSet.StartAsync(1);
        var before = await set.Replicas[0].ListAsync();
        await set.Replicas[0].StopAsync();
        set.NewKey("kek-2");

        var both = await set.AddAsync("keys-1", ("KeyService:KeyEncryptionKeyFile", "kek-2"), ("KeyService:OlderKeyEncryptionKeyFile", "kek"));
        await set.LeaderAsync();
        await Eventually.TrueAsync(() => both.Output.Contains("the ledger is sealed under", StringComparison.Ordinal));
        await both.StopAsync();
        var alone = await set.AddAsync("keys-1", ("KeyService:KeyEncryptionKeyFile", "kek-2"));
        await set.LeaderAsync();

        Assert.Equal(before.Epochs.Select(epoch => epoch.Number), (await alone.ListAsync()).Epochs.Select(epoch => epoch.Number));
    }

    [Fact]
    public async Task KeyEncryptionKey_FileReplacedWhileRunning_IsReadAgainUnlessBad()
    {
        await using var set = await ReplicaSet.StartAsync(1);
        var former = await ValueAsync(set);
        await System.IO.File.WriteAllTextAsync(set.File("kek"), "not a key");
        await Eventually.TrueAsync(() => set.Replicas[0].Output.Contains("cannot be used, the former ones stay", StringComparison.Ordinal));
        Assert.True(await CanPurgeAsync(set.Replicas[0]));
        Assert.Equal(KeyOf(former), KeyOf(await ValueAsync(set)));

        set.NewKey("kek");

        // It knows what is stored, and need not open it to seal it anew.
        await Eventually.TrueAsync(async () => KeyOf(former) != KeyOf(await ValueAsync(set)));
        Assert.True(await set.Replicas[0].IsReadyAsync());
        Assert.True(await CanPurgeAsync(set.Replicas[0]));
    }

    [Fact]
    public async Task Ledger_SealedUnderAnotherKey_IsNeverOverwrittenAndWhoCannotOpenItDoesNotLead()
    {
        await using var set = await ReplicaSet.StartAsync(1);
        var value = await ValueAsync(set);
        set.NewKey("wrong");

        var wrong = await set.AddAsync("keys-2", ("KeyService:KeyEncryptionKeyFile", "wrong"));
        await Eventually.TrueAsync(() => wrong.Output.Contains("the stored ledger cannot be opened: it is sealed under a key that was not given", StringComparison.Ordinal));
        await set.Replicas[0].StopAsync();
        await Eventually.TrueAsync(async () => (await wrong.ListAsync()).Leader.Length == 0);

        Assert.False(await wrong.IsReadyAsync());
        Assert.Equal(0, (await wrong.ListAsync()).Generation);
        Assert.Equal(value, await ValueAsync(set));
        Assert.Equal(1, wrong.Log.Lines.Count(line => line.Text.StartsWith("Key store: the stored ledger cannot be opened", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Ledger_TamperedWith_IsNotBelievedNotOverwrittenAndRestoredWhenDeleted()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var before = await set.Replicas[0].ListAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);
        var value = await ValueAsync(set);
        value[^1] ^= 1;
        await redis.GetDatabase().StringSetAsync(Ledger, value);

        foreach (var replica in set.Replicas)
        {
            await Eventually.TrueAsync(async () => !await replica.IsReadyAsync());
            Assert.Equal(before.Generation, (await replica.ListAsync()).Generation);
        }

        Assert.Equal(value, await ValueAsync(set));
        await redis.GetDatabase().KeyDeleteAsync(Ledger);

        var after = await (await set.LeaderAsync()).ListAsync();
        Assert.Equal(before.Generation, after.Generation);
        foreach (var replica in set.Replicas)
            Assert.True(await replica.IsReadyAsync());
    }

    // An older backup put back, or a replica promoted that had not got everything.
    [Fact]
    public async Task Ledger_SetBackToAnEarlierOne_IsReplacedByTheLaterThatIsHeld()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var earlier = await ValueAsync(set);
        Assert.True(await CanPurgeAsync(set.Replicas[0]));
        var before = await (await set.LeaderAsync()).ListAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);

        await redis.GetDatabase().StringSetAsync(Ledger, earlier);

        await Eventually.TrueAsync(async () => !(await ValueAsync(set)).AsSpan().SequenceEqual(earlier));
        var after = await (await set.LeaderAsync()).ListAsync();
        Assert.Equal(before.Generation, after.Generation);
        Assert.Equal(before.Purges, after.Purges);
    }

    // Who comes back first need not be who knows most.
    [Fact]
    public async Task Store_EmptyAndFirstRestoredByOneThatIsBehind_EndsWithTheLatestLedger()
    {
        await using var set = await ReplicaSet.StartAsync();
        await using var near = TcpRelay.Start(set.Redis.Port);
        await using var far = TcpRelay.Start(set.Redis.Port);
        var leader = await set.AddAsync("keys-1", ("Store:Redis", set.Redis.ConnectionStringTo(near.Address)));
        await set.LeaderAsync();
        var behind = await set.AddAsync("keys-2", ("Store:Redis", set.Redis.ConnectionStringTo(far.Address)));
        Assert.Same(leader, await set.LeaderAsync());
        far.Stalled = true;
        Assert.True(await CanPurgeAsync(leader));
        var latest = await leader.ListAsync();
        Assert.True((await behind.ListAsync()).Generation < latest.Generation);

        await set.Redis.KillAsync();
        near.Refuse();
        near.CutAll();
        far.CutAll();
        far.Heal();
        await set.Redis.RestartAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);
        await Eventually.TrueAsync(() => redis.GetDatabase().KeyExistsAsync(Ledger));
        near.Accept();

        Assert.Equal(latest.Purges, (await (await set.LeaderAsync()).ListAsync()).Purges);
        Assert.Equal(latest.Generation, (await behind.ListAsync()).Generation);
    }

    // Whoever can write to the store cannot make a node, nor one's acknowledgement.
    [Fact]
    public async Task Nodes_WrittenByAStranger_AreNotBelieved()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var (leader, follower) = (await set.LeaderAsync(), await set.FollowerAsync());
        await follower.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-1") is { Live: true });
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);
        var database = redis.GetDatabase();
        var value = (byte[])(await database.HashGetAsync("reprise:k:{keys}:nodes", $"{follower.Name}/edge-1"))!;

        foreach (var (field, forged) in new[] { ("keys-9/edge-9", value), ($"{follower.Name}/edge-2", value), ("keys-9/edge-3", [1, 2, 3]) })
        {
            await database.HashSetAsync("reprise:k:{keys}:nodes", field, forged);
            await redis.GetSubscriber().PublishAsync(
                RedisChannel.Literal("reprise:k:{keys}:changed"), new StoreChange { Node = new() { Field = field, Value = ByteString.CopyFrom(forged) } }.ToByteArray());
        }

        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal("reprise:k:{keys}:changed"), "no message of ours");
        // One that is real comes after them: they have been read.
        await follower.JoinAsync("edge-2");
        await Eventually.TrueAsync(async () => await leader.NodeAsync("edge-2") is { Live: true });
        Assert.Equal(["edge-1", "edge-2"], (await leader.Admin.Admin.NodesAsync(new())).Nodes.Select(node => node.Name));
    }

    // The least there is to give, command by command.
    [Fact]
    public async Task Redis_UserWithTheLeastRights_Suffices()
    {
        Assert.SkipUnless(await RedisServer.CanRunAsync(RedisKind.Container) || await RedisServer.CanRunAsync(RedisKind.Local), "Garnet's ACL is another.");
        var kind = await RedisServer.CanRunAsync(RedisKind.Container) ? RedisKind.Container : RedisKind.Local;
        await using var redis = await RedisServer.StartAsync(new RedisOptions { Kind = kind, Password = "of-the-default-user", Users = [$"keys on >secret {LeastRights}"] });
        await using var set = await ReplicaSet.StartAsync();
        var settings = ("Store:Redis", $"{redis.Address},user=keys,password=secret");
        var first = await set.AddAsync("keys-1", settings);
        await set.LeaderAsync();
        var second = await set.AddAsync("keys-2", settings);
        await second.JoinAsync("edge-1");
        await Eventually.TrueAsync(async () => await first.NodeAsync("edge-1") is { Live: true });

        Assert.True(await CanPurgeAsync(second));
        await first.StopAsync();
        Assert.Same(second, await set.LeaderAsync());
        Assert.True(await CanPurgeAsync(second));
        using var audit = second.Admin.Admin.Audit(new());
        Assert.True(await audit.ResponseStream.MoveNext());
        foreach (var replica in set.Replicas)
            Assert.DoesNotContain("NOPERM", replica.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_WithoutPasswordOffLoopback_IsNotUsedUnlessAllowed()
    {
        var own = System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(each => each.GetIPProperties().UnicastAddresses)
            .Select(each => each.Address)
            .FirstOrDefault(address => address.AddressFamily is System.Net.Sockets.AddressFamily.InterNetwork && !System.Net.IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "This machine has no address but loopback.");
        await using var set = await ReplicaSet.StartAsync();
        await using var relay = TcpRelay.Start($"127.0.0.1:{set.Redis.Port}", own);
        var store = ("Store:Redis", set.Redis.ConnectionStringTo(relay.Address));

        var refusing = await set.AddAsync("keys-1", store);
        await Eventually.TrueAsync(() => refusing.Output.Contains($"Redis {relay.Address} asks for no password and is not on loopback", StringComparison.Ordinal));
        Assert.False(await refusing.IsReadyAsync());
        await refusing.StopAsync();

        var allowed = await set.AddAsync("keys-2", store, ("Store:AllowAnonymous", "true"));
        await Eventually.TrueAsync(allowed.IsReadyAsync);
    }

    [Fact]
    public async Task Redis_DumpOfAllValues_HoldsNoKeyOfAnyKind()
    {
        await using var set = await ReplicaSet.StartAsync(2);
        var node = await (await set.FollowerAsync()).JoinAsync("edge-1", acknowledge: false);
        using var rotation = new RunningRotation((await set.LeaderAsync()).Admin);
        await rotation.NextAsync();
        var ring = await node.RingAsync();
        var secrets = ring.Epochs.Select(epoch => epoch.Secret.ToByteArray()).Append(Convert.FromBase64String(await System.IO.File.ReadAllTextAsync(set.File("kek")))).ToList();
        Assert.Equal(3, secrets.Count);
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);
        await Eventually.TrueAsync(async () => (await redis.GetDatabase().HashGetAllAsync("reprise:k:{keys}:nodes")).Length > 0);

        var dump = await DumpAsync(redis);

        Assert.True(dump.Count >= 4);
        foreach (var secret in secrets)
        {
            foreach (var form in new[] { secret, [.. Convert.ToBase64String(secret).Select(c => (byte)c)], [.. Convert.ToHexString(secret).Select(c => (byte)c)], [.. Convert.ToHexStringLower(secret).Select(c => (byte)c)] })
                Assert.All(dump, value => Assert.Equal(-1, value.AsSpan().IndexOf(form.AsSpan(0, 8))));
        }

        // That the search would have found them: the ledger in the clear is what holds them.
        Assert.All(ring.Epochs, epoch => Assert.NotEqual(-1, ring.ToByteArray().AsSpan().IndexOf(epoch.Secret.Span)));
        foreach (var replica in set.Replicas)
            Assert.DoesNotContain(secrets, secret => replica.Output.Contains(Convert.ToBase64String(secret), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("KeyService:KeyEncryptionKeyFile", "", "KeyService:KeyEncryptionKeyFile is ''; allowed with Store:Redis: the path of")]
    [InlineData("KeyService:KeyEncryptionKeyFile", "nowhere", "which cannot be read; allowed: a file with 32 random bytes in base64")]
    [InlineData("KeyService:KeyEncryptionKeyFile", "short", "which does not hold 32 bytes; allowed:")]
    [InlineData("KeyService:KeyEncryptionKeyFile", "weak", "which holds one byte repeated; allowed:")]
    [InlineData("KeyService:KeyEncryptionKeyFile", "text", "which is not base64; allowed:")]
    [InlineData("KeyService:OlderKeyEncryptionKeyFile", "kek", "the same key as in KeyService:KeyEncryptionKeyFile; allowed: another, or none")]
    [InlineData("KeyService:Grpc", "0.0.0.0:0", "KeyService:Advertise is ''; allowed with Store:Redis, where KeyService:Grpc is '0.0.0.0:0'")]
    [InlineData("KeyService:Advertise", "https://here:1/", "KeyService:Advertise is 'https://here:1/'; allowed: HOST:PORT")]
    [InlineData("Store:LeaseDuration", "00:00:00.5", "Store:LeaseDuration is '00:00:00.5000000'; allowed: 00:00:01 to 00:01:00")]
    [InlineData("Store:Redis", "127.0.0.1:6379,whatever=1", "Store:Redis is not a StackExchange.Redis connection string")]
    [InlineData("Store:PasswordFile", "nowhere", "Store:PasswordFile is '")]
    public async Task Start_SettingThatIsNotAllowed_SaysWhichAndWhatIs(string key, string value, string expected)
    {
        await using var set = await ReplicaSet.StartAsync();
        await System.IO.File.WriteAllTextAsync(set.File("short"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(31)));
        await System.IO.File.WriteAllTextAsync(set.File("weak"), Convert.ToBase64String(new byte[32]));
        await System.IO.File.WriteAllTextAsync(set.File("text"), "this is no key!");

        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => set.AddAsync("keys-1", (key, value)));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    private static async Task<bool> CanPurgeAsync(Replica replica)
    {
        try
        {
            await replica.Admin.Admin.PurgeSessionsAsync(new() { All = true, IdempotencyKey = "can" });
            return true;
        }
        catch (RpcException fault) when (fault.StatusCode is StatusCode.Unavailable)
        {
            return false;
        }
    }

    // In the header, which is in the clear.
    private static string KeyOf(byte[] value) => Convert.ToHexString(value.AsSpan(1, 8));

    private static async Task<byte[]> ValueAsync(ReplicaSet set)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(set.Redis.ConnectionString);
        return (byte[])(await redis.GetDatabase().StringGetAsync(Ledger))!;
    }

    private static async Task<List<byte[]>> DumpAsync(ConnectionMultiplexer redis)
    {
        var database = redis.GetDatabase();
        var values = new List<byte[]>();
        await foreach (var key in redis.GetServers()[0].KeysAsync())
        {
            switch (await database.KeyTypeAsync(key))
            {
                case RedisType.String:
                    values.Add((byte[])(await database.StringGetAsync(key))!);
                    break;
                case RedisType.Hash:
                    values.AddRange((await database.HashGetAllAsync(key)).Select(entry => (byte[])entry.Value!));
                    break;
                case RedisType.Stream:
                    values.AddRange((await database.StreamRangeAsync(key)).SelectMany(entry => entry.Values.Select(value => (byte[])value.Value!)));
                    break;
                case RedisType.List:
                    values.AddRange((await database.ListRangeAsync(key)).Select(value => (byte[])value!));
                    break;
                case var other:
                    Assert.Fail($"A key of type {other}: to be dumped too.");
                    break;
            }
        }

        return values;
    }
}
