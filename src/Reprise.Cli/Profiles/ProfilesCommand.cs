using System.CommandLine;
using Reprise.Cli.Cluster;
using Reprise.Cli.Progress;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;

namespace Reprise.Cli.Profiles;

/// <summary><c>reprise profiles</c>: the two switches of each profile, for the whole cluster.</summary>
internal static class ProfilesCommand
{
    private static readonly Argument<string> Profile = new("PROFILE") { Description = "Its name, as profiles list has it." };

    private static readonly Option<string?> Stateful = OnOff("--stateful", "Whether its sessions are kept in the store. Off ends those there are, for good.");

    private static readonly Option<string?> Stateless = OnOff("--stateless", "Whether its sessions travel in tickets. Off ends those there are, for good.");

    public static Command Create(Screen screen)
    {
        var list = new Command("list", "What is in force on which node, and what was switched, by whom.");
        list.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) =>
            ProfileList.ShowAsync(plane, screen, parsed.GetValue(CommonOptions.Json), cancellationToken));

        var set = new Command("set", "Switch a way of resumption on or off on all nodes, over what their configurations say.") { Profile, Stateful, Stateless };
        set.Validators.Add(result =>
        {
            if (result.GetResult(Stateful) is null && result.GetResult(Stateless) is null)
                result.AddError("give --stateful on|off, --stateless on|off, or both");
        });
        set.SetKeyPlaneAction(screen, (plane, parsed, cancellationToken) =>
        {
            var request = new SetResumptionRequest { Profile = parsed.GetRequiredValue(Profile) };
            if (parsed.GetValue(Stateful) is { } stateful)
                request.Stateful = stateful == "on";
            if (parsed.GetValue(Stateless) is { } stateless)
                request.Stateless = stateless == "on";
            return SetAsync(plane, request, screen, parsed.GetValue(CommonOptions.Json), cancellationToken);
        });

        return new Command("profiles", "Profiles of the cluster.") { list, set };
    }

    private static async Task<int> SetAsync(KeyPlane plane, SetResumptionRequest request, Screen screen, bool json, CancellationToken cancellationToken)
    {
        var done = await plane.ChangeAsync(
            (client, key) => client.SetResumptionAsync(new(request) { IdempotencyKey = key }, cancellationToken: cancellationToken), cancellationToken);
        var told = done.Acknowledgements ?? new();
        if (json)
        {
            screen.WriteJson(new
            {
                profile = request.Profile,
                stateful = done.Switch is { HasStateful: true } ? done.Switch.Stateful : (bool?)null,
                stateless = done.Switch is { HasStateless: true } ? done.Switch.Stateless : (bool?)null,
                generation = done.Generation,
                milliseconds = told.Milliseconds,
                complete = told.Laggards.Count == 0,
                nodes = AcknowledgementReport.ToJson(told),
            });
        }
        else
        {
            screen.Console.Write(AcknowledgementReport.Table(told));
            screen.Out.WriteLine($"Profile {request.Profile}: {What(request)} (generation {done.Generation}) {AcknowledgementReport.Count(told)}.");
        }

        return AcknowledgementReport.Verdict(told, "switched");
    }

    private static string What(SetResumptionRequest request)
    {
        var what = new List<string>();
        if (request.HasStateful)
            what.Add($"stateful {Word(request.Stateful)}");
        if (request.HasStateless)
            what.Add($"stateless {Word(request.Stateless)}");
        return string.Join(", ", what);
    }

    private static string Word(bool on) => on ? "on" : "off";

    // Of text, not bool: the parser takes a bool for a flag, which no word may follow.
    private static Option<string?> OnOff(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "on|off" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text and not ("on" or "off"))
                result.AddError($"{name} '{text}': give on or off");
        });
        return option;
    }
}
