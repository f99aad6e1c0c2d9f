using System.Globalization;
using Reprise.Soak;

if (args is not ([] or [_]) || !double.TryParse(args is [var text] ? text : "30", NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) || minutes is < 1 or > 1440)
{
    await Console.Error.WriteLineAsync("usage: tests/soak/faults [MINUTES]    1 to 1440; 30 if not said");
    return 2;
}

await using var cluster = await SoakCluster.StartAsync();
return await new SoakRun(cluster, TimeSpan.FromMinutes(minutes)).RunAsync();
