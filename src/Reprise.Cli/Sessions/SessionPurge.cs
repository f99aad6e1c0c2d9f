using Reprise.Cli.Cluster;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Sessions;

/// <summary><c>sessions purge</c>. Exit 1 if a node has not said that it obeys.</summary>
internal static class SessionPurge
{
    /// <param name="plane">The key services.</param>
    /// <param name="profile">Null: all.</param>
    /// <param name="screen">For the report.</param>
    /// <param name="json">Instead of a table.</param>
    /// <param name="cancellationToken">Ends the waiting; what was purged stays purged.</param>
    public static async Task<int> RunAsync(KeyPlane plane, string? profile, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var request = profile is null ? new PurgeSessionsRequest { All = true } : new PurgeSessionsRequest { Profile = profile };
        var done = await plane.ChangeAsync((client, key) => client.PurgeSessionsAsync(new(request) { IdempotencyKey = key }, cancellationToken: cancellationToken), cancellationToken);
        var told = done.Acknowledgements ?? new();
        if (json)
        {
            screen.WriteJson(new
            {
                profile,
                number = done.Number,
                generation = done.Generation,
                milliseconds = told.Milliseconds,
                complete = told.Laggards.Count == 0,
                nodes = AcknowledgementReport.ToJson(told),
            });
        }
        else
        {
            if (told.Nodes.Count > 0)
                screen.Console.Write(AcknowledgementReport.Table(told));
            screen.Out.WriteLine(
                $"Stored sessions of {(profile is null ? "all profiles" : $"profile {profile}")} are purged (number {done.Number}, generation {done.Generation}) {AcknowledgementReport.Count(told)}.");
        }

        return AcknowledgementReport.Verdict(told, "purged");
    }
}
