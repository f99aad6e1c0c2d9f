using System.Globalization;
using Reprise.Fuzz;
using Reprise.Fuzz.Live;

if (args.Length > 3
    || !double.TryParse(args.ElementAtOrDefault(0) ?? "10", CultureInfo.InvariantCulture, out var minutes) || minutes is < 0.2 or > 1440
    || !int.TryParse(args.ElementAtOrDefault(1) ?? $"{Environment.TickCount & 0xffffff}", CultureInfo.InvariantCulture, out var seed))
{
    await Console.Error.WriteLineAsync("usage: tests/fuzz/run [MINUTES [SEED [PARSER]]]    0.2 to 1440 minutes, 10 if not said; the seed is printed; PARSER: it alone");
    return 2;
}

Console.WriteLine($"seed {seed}");
var duration = TimeSpan.FromMinutes(minutes);
using var parsers = new ParserRun(seed, duration, args.ElementAtOrDefault(2));
var inTheBackground = Task.Factory.StartNew(parsers.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
var live = args.Length > 2 || await LiveRun.RunAsync(seed, duration);
var sound = await inTheBackground;
Console.WriteLine(live && sound ? "nothing found" : "FOUND: see above; seed and input reproduce it");
return live && sound ? 0 : 1;
