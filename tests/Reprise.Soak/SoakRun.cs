using System.Diagnostics;
using System.Globalization;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Soak;

/// <summary>The schedule, the report and the verdict.</summary>
internal sealed class SoakRun(SoakCluster cluster, TimeSpan length)
{
    private const int DescriptorsThatMayStay = 32;
    private const double BudgetMilliseconds = 20;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    // In a short run twice as many faults, each half as long.
    private readonly TimeSpan _period = length < TimeSpan.FromMinutes(10) ? TimeSpan.FromSeconds(15) : TimeSpan.FromSeconds(30);
    private readonly Stopwatch _watch = new();
    private readonly List<(string Name, Tally Tally, StoreCalls Calls)> _phases = [];
    private readonly Lock _saying = new();
    private volatile Tally _phase = new();
    private volatile Tally _minute = new();
    private int _complaints;
    private int _failures;

    /// <returns>The exit code: 0 if every handshake completed, every fault was recovered from, and no descriptor stayed.</returns>
    public async Task<int> RunAsync()
    {
        using var stop = new CancellationTokenSource();
        var load = new Load(cluster, Count).RunAsync(Complain, stop.Token);
        await Task.Delay(WarmUp, CancellationToken.None);
        var descriptors = cluster.Edges.Select(Descriptors).ToArray();
        _watch.Start();
        Say("min:s   what");
        var minutes = ReportMinutesAsync(stop.Token);
        var recovered = true;
        try
        {
            await MeasureAsync("no fault", _period, () => Task.CompletedTask);
            var faults = SoakFault.All(cluster);
            for (var i = 0; _watch.Elapsed < length; i++)
                recovered &= await InjectAsync(faults[i % faults.Count]);
        }
        finally
        {
            await stop.CancelAsync();
            await load;
            await minutes;
        }

        await Task.Delay(Rest, CancellationToken.None);
        ReportPhases();
        return Verdict(descriptors, recovered) ? 0 : 1;
    }

    private async Task<bool> InjectAsync(SoakFault fault)
    {
        try
        {
            await MeasureAsync(fault.Name, _period / 2, fault.Harm);
        }
        finally
        {
            await fault.Heal();
            cluster.Relay.Heal();
        }

        // Nobody is restarted. The rate of the whole phase would have the outage's end in it: one resumption is enough here.
        var healed = _watch.Elapsed;
        try
        {
            var now = _phase = new Tally();
            await Eventually.TrueAsync(() => now.Handshakes > 0 && ResumedIn(now), Recovery);
        }
        catch (TimeoutException)
        {
            Say($"NOT RECOVERED from '{fault.Name}' within {Recovery.TotalSeconds} s");
            return false;
        }

        Say($"'{fault.Name}' over; the first session of the new time resumed after {(_watch.Elapsed - healed).TotalSeconds:0.0} s");
        var left = (_period / 2) - (_watch.Elapsed - healed);
        await MeasureAsync("no fault", left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1), () => Task.CompletedTask);
        return true;
    }

    private static bool ResumedIn(Tally tally) => tally.ResumptionRate > 0 && tally.Handshakes > tally.Full.Count + tally.Declined.Count;

    private async Task MeasureAsync(string name, TimeSpan time, Func<Task> begin)
    {
        var before = await StoreCalls.ReadAsync(cluster.Edges);
        await begin();
        var tally = _phase = new Tally();
        Say(name);
        await Task.Delay(time, CancellationToken.None);
        _phase = new Tally();
        _phases.Add((name, tally, await StoreCalls.ReadAsync(cluster.Edges) - before));
    }

    private void Count(Action<Tally> count)
    {
        count(_phase);
        count(_minute);
    }

    private async Task ReportMinutesAsync(CancellationToken cancellationToken)
    {
        for (var minute = 1; !cancellationToken.IsCancellationRequested; minute++)
        {
            await Task.Delay(TimeSpan.FromMinutes(1), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var tally = Interlocked.Exchange(ref _minute!, new Tally());
            _failures += tally.Failures;
            var nodes = string.Join("; ", cluster.Edges.Select(edge => $"{edge.Name} {Resident(edge)} MiB, {Descriptors(edge)} descriptors"));
            Say($"{(cancellationToken.IsCancellationRequested ? "since then" : $"minute {minute}")}: {tally.Handshakes} handshakes, {tally.Failures} failures, {tally.ResumptionRate:P0} of those offered resumed; {nodes}");
        }
    }

    private void ReportPhases()
    {
        var rows = _phases.GroupBy(phase => phase.Name).Select(phases => (
            Name: phases.Key,
            Full: phases.SelectMany(phase => phase.Tally.Full).ToList(),
            Declined: phases.SelectMany(phase => phase.Tally.Declined).ToList(),
            Calls: phases.Select(phase => phase.Calls).Aggregate((a, b) => a + b))).ToList();
        var calm = rows[0];
        // What the store may add by design: its budget once for a store, and once more for a lookup in vain.
        var most = Tally.Percentile(calm.Full, 0.99) + BudgetMilliseconds + 10;
        Say($"ms of a full handshake as its client sees it; budget + 10 ms over the calm p99 is {most:0}; 'declined' has waited for a lookup besides");
        Say($"{"",-20}{"full",7}{"p50",7}{"p99",7}{"",8}{"declined",10}{"p50",7}{"p99",7}   calls of the store: number, mean us, at once");
        foreach (var (name, full, declined, calls) in rows)
        {
            var p99 = Tally.Percentile(full, 0.99);
            Say($"{name,-20}{full.Count,7}{Tally.Percentile(full, 0.5),7:0}{p99,7:0}{(p99 <= most ? "within" : "over"),8}{declined.Count,10}"
                + $"{Tally.Percentile(declined, 0.5),7:0}{Tally.Percentile(declined, 0.99),7:0}   {calls.Count,5:0} {calls.MeanMicroseconds,8:0} {calls.AtOnce,5:P0}");
        }
    }

    private bool Verdict(int[] descriptorsBefore, bool recovered)
    {
        var kept = cluster.Edges.Select((edge, i) => Descriptors(edge) - descriptorsBefore[i]).Max();
        var errors = cluster.Edges.SelectMany(edge => edge.Errors).ToList();
        foreach (var line in errors.Take(5))
            Say(line);
        Say($"{_failures} failures, {kept:+0;-0;0} descriptors, {errors.Count} error lines, {(recovered ? "recovered from every fault" : "not recovered")}");
        return _failures == 0 && kept <= DescriptorsThatMayStay && errors.Count == 0 && recovered;
    }

    private void Complain(string what)
    {
        if (Interlocked.Increment(ref _complaints) <= 20)
            Say($"FAILED {what}");
    }

    private void Say(string text)
    {
        lock (_saying)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $@"{_watch.Elapsed:mm\:ss}   {text}"));
    }

    private static long Resident(EdgeNode edge)
    {
        using var process = Process.GetProcessById(edge.Process.Id);
        return process.WorkingSet64 >> 20;
    }

    private static int Descriptors(EdgeNode edge) => Directory.GetFiles($"/proc/{edge.Process.Id}/fd").Length;
}
