using System.Diagnostics;
using Reprise.Fuzz.Targets;
using Reprise.Testing;

namespace Reprise.Fuzz;

/// <summary>All parsers, one after the other and again, until the time is over. The n-th input of a seed is always the same.</summary>
/// <param name="seed">Of everything.</param>
/// <param name="duration">In all.</param>
/// <param name="only">A parser's name; null: all.</param>
internal sealed class ParserRun(int seed, TimeSpan duration, string? only) : IDisposable
{
    private const long MostAllocated = 64 << 20;
    private const int MostFindings = 10;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory _files = new();
    private readonly HashSet<string> _findings = [];

    /// <returns>Whether nothing was found.</returns>
    public bool Run()
    {
        FuzzTarget[] targets =
        [
            new SealedSessionTarget(), new PackedRecordTarget(), new SessionMetadataTarget(), new TicketStateTarget(), new SessionFactsTarget(), new KeyRingTarget(), new ProxyHeaderTarget(),
            new TcpAddressTarget(), new ListenAddressTarget(), new HostPatternTarget(), new ConfigurationTarget(_files.Path),
        ];
        targets = [.. targets.Where(target => only is null || target.Name == only)];
        var counts = new int[targets.Length];
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < duration && _findings.Count < MostFindings)
        {
            foreach (var (i, target) in targets.Index())
            {
                for (var end = counts[i] + target.Turn; counts[i] < end && watch.Elapsed < duration; counts[i]++)
                    Try(target, counts[i]);
            }
        }

        foreach (var (i, target) in targets.Index())
            Console.WriteLine($"{target.Name}: {counts[i]} inputs");
        return _findings.Count == 0;
    }

    public void Dispose() => _files.Dispose();

    private void Try(FuzzTarget target, int number)
    {
        var random = new Random(unchecked((seed * 397) ^ number));
        var input = target.Change(target.Seeds[random.Next(target.Seeds.Count)], random);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = Stopwatch.GetTimestamp();
        try
        {
            target.Run(input);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > MostAllocated)
                throw new InvalidOperationException($"it took {allocated >> 20} MB of memory");
            if (Stopwatch.GetElapsedTime(began) > Longest)
                throw new InvalidOperationException($"it took {Stopwatch.GetElapsedTime(began)}");
        }
        catch (Exception found)
        {
            // One of a kind: by where it is from.
            if (_findings.Add($"{target.Name} {found.GetType()} {found.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Reprise", StringComparison.Ordinal))}"))
                Console.WriteLine($"FOUND by {target.Name}, input {number} of seed {seed}, in base64:\n{Convert.ToBase64String(input)}\n{found}");
        }
    }
}
