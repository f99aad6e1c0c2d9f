using Reprise.Testing;

namespace Reprise.Dashboard.Tests.Harness;

/// <summary><c>openssl</c> with one TLS 1.2 session of edge-1, which it presents to edge-2.</summary>
internal sealed class ReturningClient(DashboardCluster cluster, string host) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public async Task BeginAsync() => Assert.Equal(HandshakeKind.Full, (await (Visit("edge-1") with { SessionOut = Session }).RunAsync()).Kind);

    /// <returns>What the client saw.</returns>
    public async Task<HandshakeKind> ComeBackAsync() => (await (Visit("edge-2") with { SessionIn = Session }).RunAsync()).Kind;

    public void Dispose() => _directory.Dispose();

    private string Session => _directory.File("session.pem");

    private OpenSsl Visit(string edge) => new($"127.0.0.1:{cluster.PortOf(edge)}")
    {
        ServerName = host,
        Version = "1.2",
        NoTicket = host.StartsWith("stateful", StringComparison.Ordinal),
        CaFile = cluster.Data("pki", "ca.crt"),
    };
}
