using System.CommandLine;
using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Sessions;

/// <summary><c>reprise sessions</c>: what lies in the store, and its end.</summary>
internal static class SessionsCommand
{
    private static readonly Option<string?> Profile = new("--profile") { Description = "The profile whose stored sessions are to end.", HelpName = "NAME" };

    private static readonly Option<bool> All = new("--all") { Description = "End the stored sessions of all profiles." };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask." };

    private static readonly Option<int> Limit = NumberOption.Create("--limit", "Look at no more sessions than this.", 1, int.MaxValue, 100_000);

    private static readonly Option<string?> Redis = new("--redis")
    {
        Description = "The session store, as StackExchange.Redis reads it. Default: that of the cluster file.",
        HelpName = "HOST:PORT[,option=value...]",
    };

    private static readonly Option<string?> RedisPasswordFile = new("--redis-password-file") { Description = "File whose first line is the store's password. Default: that of the cluster file, for its store.", HelpName = "FILE" };

    public static Command Create(Screen screen)
    {
        var purge = new Command("purge", "End stored sessions on all nodes at once: their clients get full handshakes. Tickets are not touched.") { Profile, All, Yes };
        purge.SetKeyPlaneAction(
            screen,
            (plane, parsed, cancellationToken) => SessionPurge.RunAsync(
                plane, parsed.GetValue(Profile), screen, parsed.GetValue(CommonOptions.Json), cancellationToken),
            ask: parsed =>
            {
                if (!parsed.GetValue(Yes))
                    Ask(parsed.GetValue(Profile), screen);
            });
        purge.Validators.Add(result =>
        {
            var profile = result.GetValue(Profile);
            if (profile is null != result.GetValue(All) || profile is "")
                result.AddError("give either --profile NAME or --all");
        });

        var stats = new Command("stats", "Count the sessions in the store, by profile: number, bytes, age.") { Limit, Redis, RedisPasswordFile };
        stats.AddKeyServiceOptions();
        stats.SetAction((parsed, cancellationToken) => StatsAsync(parsed, screen, cancellationToken));

        return new Command("sessions", "Stored sessions of the cluster.") { purge, stats };
    }

    private static void Ask(string? profile, Screen screen)
    {
        var whose = profile is null ? "all profiles" : $"profile {profile}";
        var answer = screen.Confirm($"End the stored sessions of {Spectre.Console.Markup.Escape(whose)}?");
        if (answer is null)
            throw new CliException("there is no terminal to ask on: give --yes");
        if (answer is false)
            throw new CliException("nothing was purged", ExitCode.Failed);
    }

    private static Task<int> StatsAsync(ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        var (redis, passwordFile) = (parsed.GetValue(Redis), parsed.GetValue(RedisPasswordFile));
        if (redis is null)
        {
            var cluster = ClusterOptions.ReadCluster(parsed);
            redis = cluster.Redis ?? throw new CliException("the cluster file names no Redis: give --redis HOST:PORT");
            passwordFile ??= cluster.RedisPasswordFile;
        }

        if (passwordFile is not null && !File.Exists(passwordFile))
            throw new CliException($"there is no file {passwordFile} with the store's password");
        return new SessionStats(screen, redis, passwordFile, parsed.GetValue(Limit))
            .ShowAsync(() => ClusterOptions.OpenKeyPlane(parsed, screen), parsed.GetValue(CommonOptions.Json), cancellationToken);
    }
}
