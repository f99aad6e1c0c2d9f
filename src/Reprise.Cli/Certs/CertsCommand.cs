using System.CommandLine;
using Reprise.Cli.Terminal;

namespace Reprise.Cli.Certs;

/// <summary><c>reprise certs</c>: the X.509 side of a cluster, and the secret of its key services.</summary>
internal static class CertsCommand
{
    private static readonly string UsualFolder = Path.Combine(".reprise", "pki");

    private static readonly Option<string> Out = new("--out")
    {
        Description = "Folder to write the PEM files to.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<int> Edges =
        NumberOption.Create("--edges", "Edge certificates to make, edge-1 to edge-N.", 1, 1000, 3);

    private static readonly Option<int> KeyServices =
        NumberOption.Create("--key-services", "Key-service certificates to make, keys-1 to keys-N.", 1, 1000, 2);

    private static readonly Option<string[]> SiteHosts = Names("--host", "A further host name or address for the site certificate.");
    private static readonly Option<string[]> KeyServiceHosts =
        Names("--key-service-host", "A further host name or address for the key services' certificates.");

    private static readonly Option<bool> IfMissing = new("--if-missing")
    {
        Description = "Succeed, and change nothing, when there is a PKI already.",
    };

    private static readonly Argument<string> Role = OneOf("ROLE", "What its holder may do.", PkiRole.Roles);

    private static readonly Argument<string> Name = new("NAME") { Description = "Whose it is, and the name of its files." };

    private static readonly Option<string> Folder = new("--dir")
    {
        Description = "Folder of the PKI, with its authority's key.",
        HelpName = "DIR",
        DefaultValueFactory = _ => UsualFolder,
    };

    private static readonly Option<int> Days =
        NumberOption.Create("--days", "How long it is valid, at most; never longer than its authority.", 1, CertificateAuthority.LongestLife, CertificateAuthority.LongestLife);

    private static readonly Option<string[]> Hosts = Names("--host", "A further host name or address, for key services and sites.");

    private static readonly Option<bool> Renew = new("--renew")
    {
        Description = "Put it, with a new key and a new serial number, in the place of the one of this name.",
    };

    private static readonly Argument<string> Shown = new("PATH")
    {
        Description = "A PEM file, or a folder of .crt files.",
        DefaultValueFactory = _ => UsualFolder,
    };

    private static readonly Option<int> Within = NumberOption.Create("--within", "Exit 1 if one ends within this many days.", 0, 36500, 30);

    private static readonly Option<string> KeyEncryptionKeyFile = new("--out") { Description = "File to write; there must be none.", HelpName = "FILE", Required = true };

    public static Command Create(Screen screen)
    {
        var init = new Command("init", "Make a CA, the certificates of a cluster (edges, key services, an admin, a demo site), a key-encryption key and a token for the dashboard.")
        {
            Out, Edges, KeyServices, SiteHosts, KeyServiceHosts, IfMissing,
        };
        init.SetAction(parsed => Init(parsed, screen));

        var issue = new Command("issue", "Issue one more certificate, or renew one.") { Role, Name, Folder, Days, Hosts, Renew };
        issue.SetAction(parsed => Issue(parsed, screen));

        var show = new Command("show", "Identity, serial number, issuer, dates and usages of certificates. Exit 1 if one ends soon.") { Shown, Within };
        show.SetAction(parsed => CertificateTable.Show(
            CertificateFacts.Read(parsed.GetRequiredValue(Shown)), TimeSpan.FromDays(parsed.GetValue(Within)), TimeProvider.System.GetUtcNow(),
            screen, parsed.GetValue(CommonOptions.Json)));

        var kek = new Command("kek", "Make a new key-encryption key for the key services: 32 random bytes, base64, readable by its owner only.") { KeyEncryptionKeyFile };
        kek.SetAction(parsed => MakeKeyEncryptionKey(parsed, screen));

        return new Command("certs", "Certificates of the cluster.") { init, issue, show, kek };
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
            SiteHosts = parsed.GetValue(SiteHosts) ?? [],
            KeyServiceHosts = parsed.GetValue(KeyServiceHosts) ?? [],
        });
        return Report(screen, json, pki, names);
    }

    private static int Issue(ParseResult parsed, Screen screen)
    {
        var pki = new PkiDirectory(parsed.GetRequiredValue(Folder), TimeProvider.System);
        var role = PkiRole.Of(parsed.GetRequiredValue(Role), parsed.GetRequiredValue(Name), parsed.GetValue(Hosts) ?? []);
        pki.Issue(role, TimeSpan.FromDays(parsed.GetValue(Days)), parsed.GetValue(Renew));

        var made = CertificateFacts.ReadFile(pki.CertificatePath(role.Name))[0];
        if (parsed.GetValue(CommonOptions.Json))
            screen.WriteJson(new { certificate = made.File, key = pki.KeyPath(role.Name), identity = made.Identity, serial = made.Serial, notAfter = made.NotAfter });
        else
            screen.Out.WriteLine($"Issued {made.File} and {role.Name}.key for {made.Identity ?? made.Subject}, serial number {made.Serial}, valid to {made.NotAfter:yyyy-MM-dd}.");
        return ExitCode.Done;
    }

    private static int MakeKeyEncryptionKey(ParseResult parsed, Screen screen)
    {
        var file = Path.GetFullPath(parsed.GetRequiredValue(KeyEncryptionKeyFile));
        if (File.Exists(file))
            throw new CliException($"{file} is there already; nothing was changed", ExitCode.Failed);
        SecretFile.Write(file);
        if (parsed.GetValue(CommonOptions.Json))
            screen.WriteJson(new { file });
        else
            screen.Out.WriteLine($"Made a key-encryption key in {file}.");
        return ExitCode.Done;
    }

    private static int Report(Screen screen, bool json, PkiDirectory pki, IReadOnlyList<string> names)
    {
        if (json)
            screen.WriteJson(new { directory = pki.FullPath, created = names });
        else if (names.Count == 0)
            screen.Out.WriteLine($"{pki.FullPath} holds a PKI already; nothing was changed.");
        else
            screen.Out.WriteLine($"Made {names.Count} certificates, {PkiDirectory.KeyEncryptionKeyName} and {PkiDirectory.DashboardTokenName} in {pki.FullPath}: {string.Join(", ", names)}.");
        return ExitCode.Done;
    }

    private static Argument<string> OneOf(string name, string description, IReadOnlyList<string> allowed)
    {
        var argument = new Argument<string>(name) { Description = $"{description} One of {string.Join(", ", allowed)}." };
        argument.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } given && !allowed.Contains(given))
                result.AddError($"{name} '{given}': allowed are {string.Join(", ", allowed)}");
        });
        return argument;
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
