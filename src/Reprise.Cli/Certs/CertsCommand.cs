using System.CommandLine;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Certs;

/// <summary><c>reprise certs</c>: the X.509 side of a cluster.</summary>
internal static class CertsCommand
{
    private static readonly Option<string> Out = new("--out")
    {
        Description = "Folder to write the PEM files to.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<int> Edges =
        NumberOption.Create("--edges", "Edge certificates to make, edge-1 to edge-N.", 1, 1000, 3);

    private static readonly Option<int> KeyServices =
        NumberOption.Create("--key-services", "Key-service certificates to make, keys-1 to keys-N.", 1, 1000, 1);

    private static readonly Option<string[]> Hosts = Names("--host", "A further host name or address for the site certificate.");
    private static readonly Option<string[]> KeyServiceHosts =
        Names("--key-service-host", "A further host name or address for the key services' certificates.");

    private static readonly Option<bool> IfMissing = new("--if-missing")
    {
        Description = "Succeed, and change nothing, when there is a PKI already.",
    };

    public static Command Create(Screen screen)
    {
        var init = new Command("init", "Make a CA and the certificates of a cluster: edges, key services, an admin and a demo site.")
        {
            Out, Edges, KeyServices, Hosts, KeyServiceHosts, IfMissing,
        };
        init.SetAction(parsed => Init(parsed, screen));
        return new Command("certs", "Certificates of the cluster.") { init };
    }

    private static int Init(ParseResult parsed, Screen screen)
    {
        var pki = new PkiDirectory(parsed.GetRequiredValue(Out), TimeProvider.System);
        var json = parsed.GetValue(CommonOptions.Json);
        if (pki.Exists && parsed.GetValue(IfMissing))
            return Report(screen, json, pki, []);

        var names = pki.Create(new PkiRequest
        {
            Edges = parsed.GetValue(Edges),
            KeyServices = parsed.GetValue(KeyServices),
            SiteHosts = parsed.GetValue(Hosts) ?? [],
            KeyServiceHosts = parsed.GetValue(KeyServiceHosts) ?? [],
        });
        return Report(screen, json, pki, names);
    }

    private static int Report(Screen screen, bool json, PkiDirectory pki, IReadOnlyList<string> names)
    {
        if (json)
            screen.WriteJson(new { directory = pki.FullPath, created = names });
        else if (names.Count == 0)
            screen.Out.WriteLine($"{pki.FullPath} holds a PKI already; nothing was changed.");
        else
            screen.Out.WriteLine($"Made {names.Count} certificates in {pki.FullPath}: {string.Join(", ", names)}.");
        return ExitCode.Done;
    }

    private static Option<string[]> Names(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "NAME", DefaultValueFactory = _ => [] };
        option.Validators.Add(result =>
        {
            foreach (var host in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) == UriHostNameType.Unknown)
                    result.AddError($"{name}: '{host}' is neither a host name nor an address");
            }
        });
        return option;
    }
}
