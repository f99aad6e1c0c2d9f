using System.Globalization;
using Reprise.Cli.Terminal;
using Spectre.Console;

namespace Reprise.Cli.Certs;

/// <summary><c>certs show</c>. Exit 1 if one has ended, or will before long.</summary>
internal static class CertificateTable
{
    public static int Show(IReadOnlyList<CertificateFacts> certificates, TimeSpan within, DateTimeOffset now, Screen screen, bool json)
    {
        if (json)
            screen.WriteJson(certificates.Select(certificate => ToJson(certificate, within, now)));
        else
            Write(certificates, within, now, screen);

        var ending = certificates.Where(certificate => Ending(certificate, within, now) is not null).ToList();
        return ending.Count == 0 ? ExitCode.Done : throw new CliException(
            string.Join("; ", ending.Select(certificate => $"{certificate.File} {Ending(certificate, within, now)}")), ExitCode.Failed);
    }

    private static void Write(IReadOnlyList<CertificateFacts> certificates, TimeSpan within, DateTimeOffset now, Screen screen)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("file", "identity", "serial", "issuer", "from", "to", "usages", "hosts");
        foreach (var certificate in certificates)
        {
            var end = Date(certificate.NotAfter);
            table.AddRow(
                Markup.Escape(Path.GetFileName(certificate.File)), Markup.Escape(Who(certificate)), certificate.Serial, Markup.Escape(certificate.Issuer),
                Date(certificate.NotBefore), Ending(certificate, within, now) is null ? end : $"[red]{end}[/]",
                string.Join(' ', certificate.Usages.Concat(certificate.Purposes)), Markup.Escape(string.Join(' ', certificate.Hosts)));
        }

        screen.Console.Write(table);
    }

    private static object ToJson(CertificateFacts certificate, TimeSpan within, DateTimeOffset now) => new
    {
        file = certificate.File,
        subject = certificate.Subject,
        identity = certificate.Identity,
        uri = certificate.Uri,
        serial = certificate.Serial,
        issuer = certificate.Issuer,
        notBefore = certificate.NotBefore,
        notAfter = certificate.NotAfter,
        authority = certificate.IsAuthority,
        pathLength = certificate.PathLength,
        usages = certificate.Usages,
        purposes = certificate.Purposes,
        hosts = certificate.Hosts,
        warning = Ending(certificate, within, now),
    };

    private static string Who(CertificateFacts certificate) =>
        certificate.Identity ?? (certificate.IsAuthority ? $"authority, path length {certificate.PathLength?.ToString(CultureInfo.InvariantCulture) ?? "unlimited"}" : certificate.Subject);

    private static string? Ending(CertificateFacts certificate, TimeSpan within, DateTimeOffset now) =>
        certificate.NotAfter <= now ? $"has ended on {Date(certificate.NotAfter)}"
        : certificate.NotBefore > now ? $"begins on {Date(certificate.NotBefore)} only"
        : certificate.NotAfter - now <= within ? string.Create(CultureInfo.InvariantCulture, $"ends in {(certificate.NotAfter - now).TotalDays:0} days")
        : null;

    private static string Date(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
