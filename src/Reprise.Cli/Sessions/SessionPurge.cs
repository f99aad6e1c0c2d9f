using System.Globalization;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Sessions;

/// <summary><c>sessions purge</c>. Exit 1 if a node has not said that it obeys.</summary>
internal static class SessionPurge
{
    /// <param name="channel">To the key service.</param>
    /// <param name="profile">Null: all.</param>
    /// <param name="screen">For the report.</param>
    /// <param name="json">Instead of a table.</param>
    /// <param name="cancellationToken">Ends the waiting; what was purged stays purged.</param>
    public static async Task<int> RunAsync(KeyServiceChannel channel, string? profile, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var request = profile is null ? new PurgeSessionsRequest { All = true } : new PurgeSessionsRequest { Profile = profile };
        var done = await channel.Admin.PurgeSessionsAsync(request, cancellationToken: cancellationToken);
        if (json)
            screen.WriteJson(ToJson(profile, done));
        else
            WriteTable(profile, done, screen);
        if (done.Acknowledgements.Laggards.Count > 0)
            throw new CliException($"purged, but not acknowledged by {string.Join(", ", done.Acknowledgements.Laggards.Select(laggard => laggard.Node))}", ExitCode.Failed);
        return ExitCode.Done;
    }

    private static void WriteTable(string? profile, PurgeSessionsResponse done, Screen screen)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "acknowledged after", "");
        foreach (var node in done.Acknowledgements.Nodes)
            table.AddRow(Markup.Escape(node.Node), node.HasMilliseconds ? Milliseconds(node.Milliseconds) : "", Lags(done, node.Node) is { } lags ? $"[red]{lags}[/]" : "[green]done[/]");
        if (done.Acknowledgements.Nodes.Count > 0)
            screen.Console.Write(table);
        var whose = profile is null ? "all profiles" : $"profile {profile}";
        screen.Out.WriteLine(
            $"Stored sessions of {whose} are purged (number {done.Number}, generation {done.Generation}) on {done.Acknowledgements.Nodes.Count - done.Acknowledgements.Laggards.Count} of {done.Acknowledgements.Nodes.Count} nodes, after {Milliseconds(done.Acknowledgements.Milliseconds)}.");
    }

    private static object ToJson(string? profile, PurgeSessionsResponse done) => new
    {
        profile,
        number = done.Number,
        generation = done.Generation,
        milliseconds = done.Acknowledgements.Milliseconds,
        complete = done.Acknowledgements.Laggards.Count == 0,
        nodes = done.Acknowledgements.Nodes.Select(node => new
        {
            name = node.Node,
            milliseconds = node.HasMilliseconds ? node.Milliseconds : (double?)null,
            lags = Lags(done, node.Node),
        }),
    };

    private static string? Lags(PurgeSessionsResponse done, string node) => done.Acknowledgements.Laggards.FirstOrDefault(laggard => laggard.Node == node)?.Reason switch
    {
        null => null,
        LaggardReason.Deadline => "silent until the deadline",
        LaggardReason.Disconnected => "disconnected",
        _ => "did not acknowledge",
    };

    private static string Milliseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.0} ms");
}
