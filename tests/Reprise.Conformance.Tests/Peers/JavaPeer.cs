namespace Reprise.Conformance.Tests.Peers;

/// <summary>JSSE's SSLSocket, run from our <c>Client.java</c>.</summary>
internal sealed class JavaPeer : Peer
{
    public override string Name => "Java";

    public override IReadOnlyList<string> Programs => ["java", "javac"];

    public override bool Can(SessionKind kind) => true;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target) => Program.Visits(await Program.RunAsync(
        "java", ["-XX:TieredStopAtLevel=1", Program.Source("Client.java"), target.Host, target.Authority, target.Kind.Version(), .. Enumerable.Repeat(target.Address, Visits)]));
}
