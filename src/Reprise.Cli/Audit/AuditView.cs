using System.Globalization;
using Reprise.Cli.Terminal;
using Reprise.KeyProtocol.V1;
using Spectre.Console;

namespace Reprise.Cli.Audit;

/// <summary>Entries as a table, as lines while they come, or as JSON.</summary>
internal sealed class AuditView(Screen screen, bool json)
{
    /// <summary>One that has just come.</summary>
    public void WriteLine(AuditEntry entry)
    {
        if (json)
            screen.WriteJsonLine(ToJson(entry));
        else
            screen.Out.WriteLine(Format.Plain(string.Join("  ", Cells(entry).Where(cell => cell.Length > 0))));
    }

    /// <summary>All that were asked for.</summary>
    /// <param name="entries">Oldest first.</param>
    /// <param name="verified">Null where that was not asked for, or failed.</param>
    public void WriteAll(IReadOnlyList<AuditEntry> entries, AuditChain? verified)
    {
        if (json)
        {
            screen.WriteJson(new { entries = entries.Select(ToJson), verified = verified is null ? null : new { from = verified.From, to = verified.To } });
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("entry", "at", "key service", "who", "what", "to", "result", "");
        foreach (var entry in entries)
            table.AddRow([.. Cells(entry).Select(Format.Cell)]);
        screen.Console.Write(table);
        if (verified is not null)
            screen.Out.WriteLine(Verdict(verified));
    }

    private static string Verdict(AuditChain chain) => chain.From switch
    {
        0 => "There is no entry to verify.",
        1 => $"Entries 1 to {chain.To}: each follows from the one before, back to the first.",
        _ => $"Entries {chain.From} to {chain.To}: each follows from the one before. What came before entry {chain.From} is not at hand.",
    };

    private static string[] Cells(AuditEntry entry) =>
    [
        Format.Number(entry.Sequence), At(entry), entry.Service, entry.Actor, entry.Action, entry.Target, entry.Result, entry.Detail,
    ];

    private static object ToJson(AuditEntry entry) => new
    {
        sequence = entry.Sequence,
        at = entry.At?.ToDateTimeOffset(),
        service = entry.Service,
        actor = entry.Actor,
        action = entry.Action,
        target = entry.Target,
        result = entry.Result,
        detail = entry.Detail,
        previousHash = Convert.ToHexStringLower(entry.PreviousHash.Span),
        hash = Convert.ToHexStringLower(entry.Hash.Span),
    };

    private static string At(AuditEntry entry) => entry.At?.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? "";
}
