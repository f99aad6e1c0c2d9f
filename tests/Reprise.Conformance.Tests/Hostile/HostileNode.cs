using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>The node that all of this is sent to. It must come to its end without one line of error, and without a connection left behind.</summary>
public sealed class HostileNode(EdgeWorld world) : IAsyncLifetime
{
    public const string Collection = "hostile";

    private int _sockets;

    internal EdgeWorld World => world;

    internal EdgeNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Node = await world.StartEdgeAsync(world.Settings("edge-4"));
        await Node.MetricsSayAsync(now => now.Sum("reprise_store_connected") == 1);
        await AssertServesAsync();
        _sockets = Sockets();
    }

    /// <summary>The node is there, for the next client, and has nothing to complain of; what was done to it has left no connection.</summary>
    internal async Task AssertUnharmedAsync()
    {
        await AssertServesAsync();
        Assert.False(Node.Process.HasExited);
        Assert.Empty(Node.Errors);
        // A client of the management port may come and go.
        await Eventually.TrueAsync(() => Sockets() <= _sockets + 2, TimeSpan.FromSeconds(30), text: $"{_sockets} sockets at first, then");
    }

    internal string File(string name) => world.File(name);

    public async ValueTask DisposeAsync()
    {
        var metrics = await Node.MetricsAsync();
        // Of what handles clients; key service and store may be late on a busy machine, and say so.
        string[] warnings = [" warn: Reprise.Tls", " warn: Reprise.Edge.Handshakes"];
        var lines = Node.Process.Lines.Where(line => warnings.Any(text => line.Contains(text, StringComparison.Ordinal))).Concat(Node.Errors).ToList();
        await Node.DisposeAsync();
        Assert.Equal(0, metrics.Failures("internal"));
        Assert.Empty(lines); // what clients do wrong is theirs
    }

    private async Task AssertServesAsync()
    {
        using var socket = await RawConnection.OpenAsync(Node);
        await using var stream = new SslStream(socket.Stream);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = EdgeSettings.Stateless,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            CertificateChainPolicy = Node.Trust(),
        });
        await stream.WriteAsync(Encoding.ASCII.GetBytes(OpenSsl.Get("/.well-known/reprise/handshake", EdgeSettings.Stateless)));
        Assert.Contains("\"mode\":\"full\"", await new StreamReader(stream).ReadToEndAsync(), StringComparison.Ordinal);
    }

    private int Sockets()
    {
        var count = 0;
        foreach (var descriptor in new DirectoryInfo($"/proc/{Node.Process.Id}/fd").EnumerateFileSystemInfos())
        {
            if (descriptor.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true)
                count++;
        }

        return count;
    }
}

[CollectionDefinition(HostileNode.Collection)]
public sealed class HostileNodeCollection : ICollectionFixture<HostileNode>;
