using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Reprise.Cli.Terminal;

/// <summary>How numbers and times are written in tables and lines.</summary>
internal static class Format
{
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Milliseconds(double? value) =>
        value is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms") : "";

    /// <summary>To the second, in UTC; empty if it is not known yet.</summary>
    public static string Date(Timestamp? at) => at?.ToDateTimeOffset().ToString("u", CultureInfo.InvariantCulture) ?? "";

    /// <summary>In seconds, with its sign where <paramref name="signed"/>; empty if it is not known.</summary>
    public static string Seconds(Duration? time, bool signed = false) => time?.ToTimeSpan().TotalSeconds is { } seconds
        ? seconds.ToString(signed ? "+0.000 s;-0.000 s;0.000 s" : "0.0 s", CultureInfo.InvariantCulture) : "";
}
