namespace Reprise.Conformance.Tests.Peers;

/// <summary>crypto/tls, built from our <c>client.go</c>. In TLS 1.2 it resumes by ticket only, and up to Go 1.20 without extended master secret.</summary>
internal sealed class GoPeer : Peer
{
    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    public override string Name => "Go";

    public override IReadOnlyList<string> Programs => ["go"];

    public override bool Can(SessionKind kind) => kind is not SessionKind.Tls12SessionId;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target) => Program.Visits(await Program.RunAsync(
        await Built.Value, [target.Host, target.Authority, target.Kind.Version(), .. Enumerable.Repeat(target.Address, Visits)]));

    private static async Task<string> BuildAsync()
    {
        var directory = Directory.CreateTempSubdirectory("reprise-go-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
        var program = Path.Combine(directory, "client");
        var output = await Program.RunAsync("go", ["build", "-o", program, Program.Source("client.go")], environment: new Dictionary<string, string>
        {
            ["GOCACHE"] = Path.Combine(directory, "cache"),
            ["GO111MODULE"] = "off", // nothing but the standard library, and nothing to ask for elsewhere
            ["CGO_ENABLED"] = "0", // and no C compiler
        });
        return File.Exists(program) ? program : throw new InvalidOperationException($"go build:\n{output}");
    }
}
