using Reprise.Cli.Cluster;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Profiles;

/// <summary><c>profiles list</c>: what is in force on which node, and what operators have switched.</summary>
internal static class ProfileList
{
    /// <summary>How far back the audit is searched for who has switched.</summary>
    private const int AuditEntries = 10_000;

    public static async Task<int> ShowAsync(KeyPlane plane, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var list = await plane.AskAsync(client => client.ListAsync(new ListRequest(), cancellationToken: cancellationToken), cancellationToken);
        var nodes = await plane.AskAsync(client => client.NodesAsync(new NodesRequest(), cancellationToken: cancellationToken), cancellationToken);
        var switchedBy = list.Switches.Count > 0 ? await SwitchersAsync(plane, cancellationToken) : [];
        var profiles = Collect(list, nodes, switchedBy);
        if (json)
            screen.WriteJson(new { service = list.Service, generation = list.Generation, profiles = profiles.Select(ToJson) });
        else
            Write(profiles, screen);
        return ExitCode.Done;
    }

    /// <summary>By name: those that nodes serve, and those that have been switched.</summary>
    public static IReadOnlyList<ProfileState> Collect(ListResponse list, NodesResponse nodes, IReadOnlyDictionary<string, string> switchedBy)
    {
        var served = nodes.Nodes.Where(node => !node.Removed)
            .SelectMany(node => node.Profiles.Select(profile => (profile.Name, Node: new ProfileOnNode(node.Name, node.Live, profile.Stateful, profile.Stateless))))
            .ToLookup(each => each.Name, each => each.Node, StringComparer.Ordinal);
        return [.. served.Select(group => group.Key).Union(list.Switches.Select(set => set.Profile), StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => new ProfileState(
                name, [.. served[name]], list.Switches.FirstOrDefault(set => set.Profile == name), switchedBy.GetValueOrDefault(name)))];
    }

    // The newest entry for each profile. Without the audit all else is as good.
    private static async Task<Dictionary<string, string>> SwitchersAsync(KeyPlane plane, CancellationToken cancellationToken)
    {
        var switchers = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            await plane.ListenAsync(client => client.Audit(new AuditRequest { Last = AuditEntries }, cancellationToken: cancellationToken), entry =>
            {
                if (entry.Action == "set_resumption" && entry.Result is "ok" or "laggards")
                    switchers[entry.Target] = entry.Actor;
                return true;
            }, cancellationToken);
        }
        catch (CliException)
        {
            // Who it was remains unknown.
        }

        return switchers;
    }

    private static void Write(IReadOnlyList<ProfileState> profiles, Screen screen)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("profile", "stateful", "stateless", "in force on", "switched", "by");
        foreach (var profile in profiles)
        {
            var (switched, by) = (Switched(profile.Switch), Format.Cell(profile.SwitchedBy ?? ""));
            // A row for all nodes that agree: in a sound cluster one per profile.
            foreach (var alike in profile.Nodes.GroupBy(node => (node.Stateful, node.Stateless)))
            {
                table.AddRow(
                    Format.Cell(profile.Name), OnOff(alike.Key.Stateful), OnOff(alike.Key.Stateless), Format.Cell(string.Join(", ", alike.Select(Where))), switched, by);
            }

            if (profile.Nodes.Count == 0)
                table.AddRow(Format.Cell(profile.Name), "", "", "no node", switched, by);
        }

        screen.Console.Write(table);
    }

    private static object ToJson(ProfileState profile) => new
    {
        name = profile.Name,
        nodes = profile.Nodes.Select(node => new { name = node.Node, live = node.Live, stateful = node.Stateful, stateless = node.Stateless }),
        switched = profile.Switch is not { } set ? null : new
        {
            stateful = set.HasStateful ? set.Stateful : (bool?)null,
            stateless = set.HasStateless ? set.Stateless : (bool?)null,
            at = At(set),
            by = profile.SwitchedBy,
        },
    };

    private static string Where(ProfileOnNode node) => node.Live ? node.Node : $"{node.Node} (not live)";

    private static string OnOff(bool on) => on ? "[green]on[/]" : "off";

    private static string Switched(ResumptionSwitch? set)
    {
        if (set is null)
            return "";
        var what = new List<string>();
        if (set.HasStateful)
            what.Add($"stateful {(set.Stateful ? "on" : "off")}");
        if (set.HasStateless)
            what.Add($"stateless {(set.Stateless ? "on" : "off")}");
        return $"{string.Join(", ", what)} at {At(set):u}";
    }

    // The number is the time, unless the clock stood still.
    private static DateTimeOffset At(ResumptionSwitch set) => DateTimeOffset.FromUnixTimeMilliseconds(set.Number);
}
