using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Reprise.Edge.Hosting;
using Reprise.Edge.Keys;
using Reprise.Edge.Profiles;
using Reprise.KeyProtocol;
using Reprise.KeyProtocol.Hosting;
using Reprise.SessionCache;

namespace Reprise.Edge.Reload;

/// <summary>
/// Serves what the configuration file and the files that it names say, whenever they change or SIGHUP asks: all of it or, if anything is wrong
/// with it, none of it. Files are looked at by time and length, which works for links, mounts and network file systems alike; what has changed
/// is taken up when it has been left alone for one interval.
/// </summary>
internal sealed partial class ConfigurationReloader(
    SettingsFile running, IOptions<EdgeOptions> options, IOptions<RedisSessionCacheOptions> sessions, RedisSessionCache store, CurrentProfiles profiles,
    KeyRingSubscriber subscriber, KeyRingApplier applier, HangUpSignal hangUp, ReloadMetrics metrics, TimeProvider time,
    ILogger<ConfigurationReloader> logger) : BackgroundService
{
    private string? _seen; // digest of what was last served or refused

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (running.Path is not { } path)
            return;
        try
        {
            await subscriber.FirstRing.WaitAsync(stoppingToken);
            await FollowAsync(path, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task FollowAsync(string path, CancellationToken stoppingToken)
    {
        // No stamps yet: so that what has changed since the start is found too.
        IReadOnlyList<string> files = [path];
        (long, long)[] stamps = [];
        var settling = false;
        while (true)
        {
            var asked = await IsAskedAsync(stoppingToken);
            (long, long)[] now = [.. files.Select(FileContent.Stamp)];
            if (!asked && !now.AsSpan().SequenceEqual(stamps))
            {
                stamps = now;
                settling = true;
                continue;
            }

            if (!asked && !settling)
                continue;
            settling = false;
            stamps = now; // from before it is read: a change while it is read is one more
            var found = TryReload(path, asked);
            if (found is null)
                stamps = []; // once more
            else if (!found.SequenceEqual(files, StringComparer.Ordinal))
                (files, stamps) = (found, []);
        }
    }

    private async Task<bool> IsAskedAsync(CancellationToken stoppingToken)
    {
        if (options.Value.ReloadInterval == TimeSpan.Zero)
            return await hangUp.Asked.ReadAsync(stoppingToken);
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(hangUp.Asked.WaitToReadAsync(pause.Token).AsTask(), Task.Delay(options.Value.ReloadInterval, time, pause.Token));
        await pause.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
        return hangUp.Asked.TryRead(out _);
    }

    // Files that come and go while they are read must not end the node.
    private IReadOnlyList<string>? TryReload(string path, bool asked)
    {
        try
        {
            return Reload(path, asked);
        }
        catch (Exception fault) when (fault is not OperationCanceledException) // whatever is wrong with the files: the node serves on
        {
            if (_seen != fault.Message) // said once, however often it is tried
            {
                Log.Refused(logger, fault.Message.ReplaceLineEndings(" "));
                metrics.Refused();
            }

            _seen = fault.Message; // and no digest
            return null;
        }
    }

    /// <returns>The files to watch from here on.</returns>
    private IReadOnlyList<string> Reload(string path, bool asked)
    {
        var files = FilesOf(path, NodeConfiguration.Read(path));
        var digest = Digest(files);
        var first = _seen is null;
        if (digest == _seen && !asked)
            return files;
        _seen = digest;
        // Once more, now that the digest is there: a change meanwhile has another digest, and is taken up with the next look.
        var configuration = NodeConfiguration.Read(path);
        files = FilesOf(path, configuration);
        var failures = configuration.Failures.ToList();
        if (failures.Count > 0 || TableLoader.TryLoad(configuration, sessions.Value, store, time.GetUtcNow(), profiles.Table, failures) is not { } table)
        {
            foreach (var failure in failures)
                Log.Refused(logger, failure);
            Log.RefusedWhole(logger, failures.Count);
            metrics.Refused();
            return files;
        }

        var former = profiles.Table;
        applier.Serve(table);
        if (first && !asked && table.All.SequenceEqual(former.All) && SameSettings(running, configuration.File!))
            return files; // as it was started with, but for what clusters name
        metrics.Applied();
        Log.Applied(logger, Describe(former, table));
        if (RestartKeys.Differing(running.Configuration, configuration.File!.Configuration) is { Count: > 0 } keys)
            Log.AtNextStart(logger, string.Join(", ", keys));
        return files;
    }

    private IReadOnlyList<string> FilesOf(string path, NodeConfiguration configuration)
    {
        IReadOnlyList<string> files = [path, .. configuration.Files];
        return configuration.File is null && profiles.Table.File is { } served ? [.. files.Union(NodeConfiguration.Of(served).Files)] : files;
    }

    private static bool SameSettings(SettingsFile one, SettingsFile other) =>
        one.Configuration.AsEnumerable().ToHashSet().SetEquals(other.Configuration.AsEnumerable());

    private static string Digest(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
            hash.AppendData(FileContent.Hash(file));
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static string Describe(ProfileTable former, ProfileTable now)
    {
        var changes = now.All.Where(profile => former.Named(profile.Name) != profile).Select(profile => former.Named(profile.Name) switch
        {
            null => $"{profile.Name} is new",
            { Scope: var scope } when scope.Equals(profile.Scope) => $"{profile.Name} has changed",
            _ => $"{profile.Name} has changed, and its older sessions are over",
        }).Concat(former.All.Where(profile => now.Named(profile.Name) is null).Select(profile => $"{profile.Name} is gone")).ToList();
        return changes.Count > 0 ? string.Join(", ", changes) : "no profile has changed";
    }

    private static partial class Log
    {
        [LoggerMessage(3451, LogLevel.Information, "Configuration reloaded: {Changes}")]
        public static partial void Applied(ILogger logger, string changes);

        [LoggerMessage(3452, LogLevel.Error, "Configuration not reloaded: {Failure}")]
        public static partial void Refused(ILogger logger, string failure);

        [LoggerMessage(3453, LogLevel.Error, "The new configuration is refused whole ({Count} problems, above); the former one stays in service")]
        public static partial void RefusedWhole(ILogger logger, int count);

        [LoggerMessage(3454, LogLevel.Warning, "Takes effect at the next start only: {Keys}")]
        public static partial void AtNextStart(ILogger logger, string keys);
    }
}
