using System.Text.RegularExpressions;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Peers;

/// <summary>Mozilla's library, by its tstclnt.</summary>
internal sealed partial class NssPeer : Peer
{
    public override string Name => "NSS";

    public override IReadOnlyList<string> Programs => ["tstclnt", "certutil"];

    public override bool Can(SessionKind kind) => true;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        var database = "sql:" + target.Directory;
        await Program.RunAsync("certutil", ["-N", "-d", database, "--empty-password"]);
        await Program.RunAsync("certutil", ["-A", "-d", database, "-n", "authority", "-t", "C,,", "-i", target.Authority]);
        var request = target.File("request");
        await File.WriteAllTextAsync(request, OpenSsl.Get("/.well-known/reprise/handshake", target.Host));
        var version = "tls" + target.Kind.Version();
        List<string> arguments = ["-h", "127.0.0.1", "-p", $"{target.Port}", "-a", target.Host, "-d", database, "-V", $"{version}:{version}", "-G", "-v", "-L", $"{Visits}", "-A", request];
        if (target.Kind is not SessionKind.Tls12SessionId)
            arguments.Add("-u"); // tickets
        var output = await Program.RunAsync("tstclnt", arguments);
        // After each handshake it prints how many sessions of its cache have been resumed since the start.
        var hits = CacheHits().Matches(output).Select(line => int.Parse(line.Groups[1].Value, provider: null)).ToList();
        var reports = Program.Reports(output);
        if (hits.Count != Visits || reports.Count != Visits)
            throw new InvalidOperationException($"{hits.Count} handshakes, {reports.Count} reports:\n{output}");
        return [.. reports.Select((report, i) => new PeerVisit(hits[i] > (i > 0 ? hits[i - 1] : 0), report))];
    }

    [GeneratedRegex(@"^(\d+) cache hits;", RegexOptions.Multiline)]
    private static partial Regex CacheHits();
}
