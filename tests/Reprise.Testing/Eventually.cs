using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Reprise.Testing;

/// <summary>Bounded waits for what another process or thread will do. Never for what can be awaited.</summary>
public static class Eventually
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Returns as soon as the condition holds.</summary>
    /// <exception cref="TimeoutException">It never did; names the condition.</exception>
    public static Task TrueAsync(
        Func<bool> condition,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(condition))] string text = "") =>
        TrueAsync(() => Task.FromResult(condition()), timeout, cancellationToken, text);

    /// <inheritdoc cref="TrueAsync(Func{bool}, TimeSpan?, CancellationToken, string)"/>
    public static async Task TrueAsync(
        Func<Task<bool>> condition,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var limit = timeout ?? DefaultTimeout;
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > limit)
                throw new TimeoutException($"Not true within {limit.TotalSeconds:0.#} s: {text}");
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>The first answer that will do.</summary>
    /// <exception cref="TimeoutException">There was none.</exception>
    public static async Task<T> ResultAsync<T>(
        Func<Task<T>> ask,
        Func<T, bool> willDo,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(willDo))] string text = "")
    {
        T answer = default!;
        await TrueAsync(async () => willDo(answer = await ask()), timeout, cancellationToken, text);
        return answer;
    }

    /// <summary>The first value that is not null.</summary>
    /// <exception cref="TimeoutException">There was none.</exception>
    public static async Task<T> NotNullAsync<T>(
        Func<T?> value,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(value))] string text = "")
        where T : class
    {
        T? found = null;
        await TrueAsync(() => (found = value()) is not null, timeout, cancellationToken, text);
        return found!;
    }
}
