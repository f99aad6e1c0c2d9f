namespace Reprise.Conformance.Tests.Peers;

/// <summary>Python's ssl with an SSLSession, run from our <c>client.py</c>.</summary>
internal sealed class PythonPeer : Peer
{
    public override string Name => "Python";

    public override IReadOnlyList<string> Programs => ["python3"];

    public override bool Can(SessionKind kind) => true;

    public override async Task<IReadOnlyList<PeerVisit>> VisitAsync(PeerTarget target)
    {
        var version = target.Kind is SessionKind.Tls12SessionId ? "1.2-no-ticket" : target.Kind.Version();
        return Program.Visits(await Program.RunAsync(
            "python3", [Program.Source("client.py"), target.Host, target.Authority, version, .. Enumerable.Repeat(target.Address, Visits)]));
    }
}
