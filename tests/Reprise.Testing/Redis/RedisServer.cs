using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Reprise.Testing;

/// <summary>
/// A Redis of this test's own on a loopback port, without persistence. Whatever ends it, it starts again empty and on the
/// same port. Nothing of it outlives the test run by more than an hour, even after a crash.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Variable = "REPRISE_TEST_REDIS";
    private const int Tries = 3;

    private static readonly Lazy<Task<bool>> ContainerWorks = new(ContainerRedis.IsPossibleAsync);
    private static readonly Lazy<Task<RedisKind>> BestKind = new(ChooseAsync);

    private readonly RedisOptions _options;
    private IRedisInstance? _instance;

    private RedisServer(RedisOptions options, RedisKind kind)
    {
        _options = options;
        Kind = kind;
        Port = options.Port ?? FreePort.Next();
    }

    public RedisKind Kind { get; }

    public int Port { get; private set; }

    public string? Password => _options.Password;

    /// <summary>For what a test wants to ask or to change behind everybody's back. Needs the command <c>redis-cli</c>.</summary>
    public RedisCli Cli => new(Port, Password, _options.Tls);

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>For StackExchange.Redis, with the password if there is one.</summary>
    public string ConnectionString => ConnectionStringTo(Address);

    /// <summary>Whether this machine has what this kind needs.</summary>
    public static async Task<bool> CanRunAsync(RedisKind kind) => kind switch
    {
        RedisKind.Container => await ContainerWorks.Value,
        RedisKind.Local => LocalRedis.IsPossible(),
        _ => true,
    };

    /// <summary>Whether a container of this image can be had at once.</summary>
    public static async Task<bool> HasImageAsync(string image) => await ContainerWorks.Value && await ContainerRedis.HasImageAsync(image);

    /// <summary>Started and answering.</summary>
    public static async Task<RedisServer> StartAsync(RedisOptions? options = null)
    {
        options ??= new RedisOptions();
        var kind = options.Kind ?? (options.Tls is null ? await BestKind.Value : RedisKind.Local);
        for (var attempt = 1; ; attempt++)
        {
            var server = new RedisServer(options, kind);
            try
            {
                await server.BeginAsync();
                return server;
            }
            catch (Exception e) when (attempt < Tries && options.Port is null && e is not OperationCanceledException)
            {
                // Somebody else may have taken the free port between our look and its use.
            }
        }
    }

    /// <summary>The same for another address, as that of a <see cref="TcpRelay"/> before it.</summary>
    public string ConnectionStringTo(string address) =>
        $"{address},{(Password is null ? "" : $"password={Password},")}{(_options.Tls is null ? "" : "ssl=true,")}abortConnect=false";

    /// <summary>An orderly end; the port is closed when it returns.</summary>
    public async Task StopAsync()
    {
        if (_instance is null)
            return;
        await _instance.StopAsync();
        await EndAsync();
    }

    /// <summary>A hard end (SIGKILL); the port is closed when it returns.</summary>
    public Task KillAsync() => EndAsync();

    /// <summary>Starts it again, empty, on the same port; ends it hard before if it runs.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        await BeginAsync();
    }

    /// <inheritdoc cref="IRedisInstance.PauseAsync"/>
    public Task PauseAsync() => Running().PauseAsync();

    public Task ContinueAsync() => Running().ContinueAsync();

    public async ValueTask DisposeAsync() => await EndAsync();

    private static async Task<RedisKind> ChooseAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } forced)
        {
            return Enum.TryParse<RedisKind>(forced, ignoreCase: true, out var kind)
                ? kind
                : throw new InvalidOperationException($"{Variable} is '{forced}'; container, local or garnet is allowed.");
        }

        if (await CanRunAsync(RedisKind.Container))
            return RedisKind.Container;
        return await CanRunAsync(RedisKind.Local) ? RedisKind.Local : RedisKind.Garnet;
    }

    private async Task BeginAsync()
    {
        _instance = Kind switch
        {
            RedisKind.Container => await ContainerRedis.StartAsync(Port, _options),
            RedisKind.Local => LocalRedis.Start(Port, _options),
            _ => GarnetRedis.Start(Port, _options),
        };
        try
        {
            await WaitUntilItAnswersAsync();
        }
        catch
        {
            await EndAsync();
            throw;
        }
    }

    private async Task EndAsync()
    {
        if (_instance is null)
            return;
        await _instance.DisposeAsync();
        _instance = null;
    }

    private IRedisInstance Running() => _instance ?? throw new InvalidOperationException("This Redis does not run.");

    private async Task WaitUntilItAnswersAsync()
    {
        var watch = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(20))
                throw new TimeoutException($"Redis ({Kind}) does not answer at {Address}.");
            await Task.Delay(20);
        }
    }

    /// <summary>A PING by hand: Docker's port proxy accepts connections before there is a server behind it.</summary>
    private async Task<bool> AnswersAsync()
    {
        if (_options.Tls is not null)
            return await Cli.TryAsync("PING") is "PONG";
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", Port, limit.Token);
            await socket.SendAsync("PING\r\n"u8.ToArray(), limit.Token);
            var buffer = new byte[64];
            var count = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            var answer = Encoding.ASCII.GetString(buffer, 0, count);
            return answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
