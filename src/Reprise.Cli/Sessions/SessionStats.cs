using System.Globalization;
using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;
using Reprise.Core.Sessions;
using Reprise.KeyProtocol.V1;
using Reprise.SessionCache;
using Reprise.SessionCache.Scan;
using Spectre.Console;

namespace Reprise.Cli.Sessions;

/// <summary><c>sessions stats</c>. The store knows scopes only; their names are the key service's to tell.</summary>
internal sealed class SessionStats(Screen screen, string redis, string? passwordFile, int limit)
{
    public async Task<int> ShowAsync(Func<KeyPlane> openKeyPlane, bool json, CancellationToken cancellationToken)
    {
        var options = new RedisSessionCacheOptions { Redis = redis, PasswordFile = passwordFile };
        var statistics = await SessionStatistics.ReadAsync(options, limit, TimeProvider.System.GetUtcNow(), cancellationToken);
        var (names, unnamed) = await NamesAsync(openKeyPlane, cancellationToken);
        var rows = statistics.Scopes.Select(scope => Row.Of(scope, names)).ToList();
        if (json)
            screen.WriteJson(ToJson(statistics, rows, unnamed));
        else
            Write(statistics, rows, unnamed);
        return ExitCode.Done;
    }

    // Without the key service the numbers are as good; only the names are missing.
    private static async Task<(Names Names, string? Reason)> NamesAsync(Func<KeyPlane> open, CancellationToken cancellationToken)
    {
        try
        {
            using var plane = open();
            var nodes = await plane.AskAsync(client => client.NodesAsync(new NodesRequest(), cancellationToken: cancellationToken), cancellationToken);
            var list = await plane.AskAsync(client => client.ListAsync(new ListRequest(), cancellationToken: cancellationToken), cancellationToken);
            return (new Names([.. nodes.Nodes.SelectMany(node => node.Profiles)], [.. list.Purges]), null);
        }
        catch (CliException failure)
        {
            return (new Names([], []), failure.Message);
        }
    }

    private void Write(SessionStatistics statistics, IReadOnlyList<Row> rows, string? unnamed)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("profile", "scope", "sessions", "bytes", "bytes each", "mean age", "oldest", "mean time left", "purged");
        foreach (var row in rows)
        {
            table.AddRow(
                Format.Cell(row.Name), Scope.FormatTag(row.Scope.Tag), Number(row.Scope.Count), Number(row.Scope.Bytes), Number((long?)row.Scope.BytesEach),
                Time(row.Scope.MeanAge), Time(row.Scope.Oldest), row.Scope.MeanTimeLeft is { } left ? Time(left) : "", Number(row.Purged));
        }

        screen.Console.Write(table);
        screen.Out.WriteLine($"{Number(statistics.Count)} sessions{(statistics.Unreadable > 0 ? $", of which {Number(statistics.Unreadable)} are not of this format" : "")}.");
        if (statistics.Cut)
            screen.Out.WriteLine($"Not all of them: the limit of {Number(limit)} was reached (--limit).");
        if (unnamed is not null)
            screen.Out.WriteLine($"Profiles are not known by name: {unnamed}");
    }

    private object ToJson(SessionStatistics statistics, IReadOnlyList<Row> rows, string? unnamed) => new
    {
        count = statistics.Count,
        limit,
        cut = statistics.Cut,
        unreadable = statistics.Unreadable,
        unnamed,
        profiles = rows.Select(row => new
        {
            profile = row.Profile,
            scope = Scope.FormatTag(row.Scope.Tag),
            count = row.Scope.Count,
            bytes = row.Scope.Bytes,
            bytesEach = row.Scope.BytesEach,
            meanAgeSeconds = row.Scope.MeanAge.TotalSeconds,
            oldestSeconds = row.Scope.Oldest.TotalSeconds,
            meanTimeLeftSeconds = row.Scope.MeanTimeLeft?.TotalSeconds,
            purged = row.Purged,
        }),
    };

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Time(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);

    /// <summary>What the key service says of profiles.</summary>
    private sealed record Known(IReadOnlyList<ServedProfile> Profiles, IReadOnlyList<Purge> Purges);

    /// <summary>A scope with what the key service says of it.</summary>
    private sealed record Row(ScopeStatistics Scope, string? Profile, long Purged)
    {
        public string Name => Profile ?? $"unknown scope {Core.Sessions.Scope.FormatTag(Scope.Tag)}";

        public static Row Of(ScopeStatistics scope, Names names)
        {
            var profile = names.Profiles.FirstOrDefault(served => served.ScopeTag == scope.Tag)?.Name;
            var number = names.Purges.Where(purge => purge.Profile.Length == 0 || purge.Profile == profile).Select(purge => purge.Number).DefaultIfEmpty().Max();
            return new Row(scope, profile, scope.PurgedBelow(number));
        }
    }

    /// <summary>What the key service knows of scopes.</summary>
    private sealed record Names(IReadOnlyList<ServedProfile> Profiles, IReadOnlyList<Purge> Purges);
}
