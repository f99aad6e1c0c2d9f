using System.Diagnostics;
using Grpc.Core;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Cluster;

/// <summary>
/// The key services of a cluster, as an operator's commands see them: any of them answers any call, so where one does not, the next is
/// asked. A change is asked for under one idempotency key, and again until it is carried out; it is carried out once.
/// </summary>
/// <param name="channels">One for each key service, in order of preference.</param>
/// <param name="screen">Told once that there is something to wait for.</param>
internal sealed class KeyPlane(IReadOnlyList<KeyServiceChannel> channels, Screen screen) : IDisposable
{
    /// <summary>A leader that was killed is succeeded within 10 s.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    /// <summary>Of everything that this command changes.</summary>
    private readonly string _idempotencyKey = Guid.NewGuid().ToString("N");

    private int _preferred;
    private bool _waitingTold;

    /// <summary>Asks for what changes nothing.</summary>
    /// <exception cref="CliException">No key service answers, or the one that does says no.</exception>
    public async Task<T> AskAsync<T>(Func<KeyAdmin.KeyAdminClient, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        while (true)
        {
            try
            {
                return await call(Preferred.Admin);
            }
            catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
            {
                Next(failure, failures);
                if (failures.Count == channels.Count)
                    throw Unanswered(failures, failure);
            }
        }
    }

    /// <summary>Asks every key service what only the one knows that it is asked of.</summary>
    /// <returns>Their answers, and a line for each that gave none.</returns>
    /// <inheritdoc cref="AskAsync"/>
    public async Task<(IReadOnlyList<T> Answers, IReadOnlyList<string> Failures)> AskEachAsync<T>(
        Func<KeyAdmin.KeyAdminClient, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        var (answers, failures, last) = (new List<T>(), new List<string>(), default(RpcException));
        foreach (var (channel, asked) in channels.Select(channel => (channel, call(channel.Admin))).ToList())
        {
            try
            {
                answers.Add(await asked);
            }
            catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
            {
                if (!IsUnavailable(failure) && failure.StatusCode is not StatusCode.DeadlineExceeded)
                    throw new CliException(channel.Explain(failure), ExitCodeOf(failure.StatusCode), failure);
                failures.Add(channel.Explain(failure));
                last = failure;
            }
        }

        return last is null || answers.Count > 0 ? (answers, failures) : throw Unanswered(failures, last);
    }

    /// <summary>Asks for a change; <paramref name="call"/> is given the idempotency key.</summary>
    /// <inheritdoc cref="AskAsync"/>
    public async Task<T> ChangeAsync<T>(Func<KeyAdmin.KeyAdminClient, string, AsyncUnaryCall<T>> call, CancellationToken cancellationToken)
    {
        T? answer = default;
        await InsistAsync(async (_, client) => answer = await call(client, _idempotencyKey), cancellationToken);
        return answer!;
    }

    /// <summary>
    /// Asks for a change that is told step by step. Where another key service has to be asked, the steps may begin anew.
    /// </summary>
    /// <param name="call">Is given the idempotency key.</param>
    /// <param name="told">Called with each step; false: that is enough, the change goes on by itself.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    /// <inheritdoc cref="AskAsync"/>
    public Task FollowAsync<T>(
        Func<KeyAdmin.KeyAdminClient, string, AsyncServerStreamingCall<T>> call, Func<T, bool> told, CancellationToken cancellationToken) =>
        InsistAsync(async (contact, client) =>
        {
            using var steps = call(client, _idempotencyKey);
            while (await steps.ResponseStream.MoveNext(cancellationToken))
            {
                contact();
                if (!told(steps.ResponseStream.Current))
                    return;
            }
        }, cancellationToken);

    /// <summary>Listens to what changes nothing, from one key service.</summary>
    /// <param name="call">Of the key service that answers.</param>
    /// <param name="told">Called with each answer; false: that is enough.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    /// <inheritdoc cref="AskAsync"/>
    public async Task ListenAsync<T>(Func<KeyAdmin.KeyAdminClient, AsyncServerStreamingCall<T>> call, Func<T, bool> told, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        while (true)
        {
            try
            {
                using var stream = call(Preferred.Admin);
                while (await stream.ResponseStream.MoveNext(cancellationToken))
                {
                    failures = [];
                    if (!told(stream.ResponseStream.Current))
                        return;
                }

                return;
            }
            catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
            {
                Next(failure, failures);
                if (failures.Count == channels.Count)
                    throw Unanswered(failures, failure);
            }
        }
    }

    public void Dispose()
    {
        foreach (var channel in channels)
            channel.Dispose();
    }

    private KeyServiceChannel Preferred => channels[_preferred];

    // Round after round over the key services, until one has carried it out or none has been heard of for too long.
    private async Task InsistAsync(Func<Action, KeyAdmin.KeyAdminClient, Task> attempt, CancellationToken cancellationToken)
    {
        var (heard, delay, failures) = (Stopwatch.GetTimestamp(), FirstDelay, new List<string>());
        while (true)
        {
            try
            {
                await attempt(Contact, Preferred.Admin);
                return;
            }
            catch (RpcException failure) when (!cancellationToken.IsCancellationRequested)
            {
                Next(failure, failures);
                if (failures.Count < channels.Count)
                    continue;
                if (Stopwatch.GetElapsedTime(heard) + delay > Patience)
                    throw Unanswered(failures, failure);
                TellWaiting(failures);
            }

            await Task.Delay(delay * (0.8 + 0.4 * Random.Shared.NextDouble()), cancellationToken);
            (delay, failures) = (delay * 2 < LongestDelay ? delay * 2 : LongestDelay, []);
        }

        void Contact() => (heard, delay) = (Stopwatch.GetTimestamp(), FirstDelay);
    }

    // Whether another may answer better: then that one is preferred from now on.
    private void Next(RpcException failure, List<string> failures)
    {
        var said = Preferred.Explain(failure);
        if (!IsUnavailable(failure))
            throw new CliException(said, ExitCodeOf(failure.StatusCode), failure);
        failures.Add(said);
        _preferred = (_preferred + 1) % channels.Count;
    }

    private void TellWaiting(List<string> failures)
    {
        if (_waitingTold)
            return;
        _waitingTold = true;
        screen.Error.WriteLine($"reprise: waiting up to {Patience.TotalSeconds:0} s: {OneLine(failures)}");
    }

    private static CliException Unanswered(List<string> failures, RpcException last) => new(OneLine(failures), inner: last);

    private static string OneLine(List<string> failures) => string.Join("; ", failures.Distinct()).ReplaceLineEndings(" ");

    // A key service that says so, or a connection that broke before it could say anything.
    private static bool IsUnavailable(RpcException failure) => failure.StatusCode switch
    {
        StatusCode.Unavailable => true,
        StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown => failure.Status.DebugException is not null,
        _ => false,
    };

    // No such epoch, another rotation is running, too soon: asked and answered. Everything else: nobody answered as an admin needs it.
    private static int ExitCodeOf(StatusCode status) =>
        status is StatusCode.Aborted or StatusCode.NotFound or StatusCode.FailedPrecondition ? ExitCode.Failed : ExitCode.CouldNotRun;
}
