using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;

namespace Reprise.Cli.Terminal;

/// <summary>How numbers and times are written in tables and lines.</summary>
internal static class Format
{
    /// <summary>A text from elsewhere, without what a terminal would obey: versions, addresses and details come from nodes and strangers.</summary>
    public static string Plain(string text) => string.Concat(text.Select(each => char.IsControl(each) ? '?' : each));

    /// <summary>The same for a table's cell.</summary>
    public static string Cell(string text) => Markup.Escape(Plain(text));

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Milliseconds(double? value) =>
        value is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms") : "";

    public static string PerSecond(double? rate) =>
        rate is { } number ? number.ToString(number < 100 ? "0.0/s" : "0/s", CultureInfo.InvariantCulture) : "";

    /// <param name="share">0 to 1.</param>
    public static string Percent(double? share) => share is { } part ? string.Create(CultureInfo.InvariantCulture, $"{100 * part:0.0}%") : "";

    /// <summary>To the second, in UTC; empty if it is not known yet.</summary>
    public static string Date(Timestamp? at) => at?.ToDateTimeOffset().ToString("u", CultureInfo.InvariantCulture) ?? "";

    /// <summary>In seconds, with its sign where <paramref name="signed"/>; empty if it is not known.</summary>
    public static string Seconds(Duration? time, bool signed = false) => time?.ToTimeSpan().TotalSeconds is { } seconds
        ? seconds.ToString(signed ? "+0.000 s;-0.000 s;0.000 s" : "0.0 s", CultureInfo.InvariantCulture) : "";
}
