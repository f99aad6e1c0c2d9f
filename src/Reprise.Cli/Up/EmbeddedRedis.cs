using System.Net;
using Garnet;
using Garnet.server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Reprise.Cli.Up;

/// <summary>Microsoft.Garnet in this process, on the loopback, in memory only: sessions must not reach a disk (DESIGN §4).</summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private readonly GarnetServer _server;

    private EmbeddedRedis(GarnetServer server, int port)
    {
        _server = server;
        Address = $"127.0.0.1:{port}";
    }

    public string Address { get; }

    public static EmbeddedRedis Start(int port)
    {
        var server = new GarnetServer(
            new GarnetServerOptions(NullLogger.Instance)
            {
                EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
                LogMemorySize = "256m",
                PageSize = "4m",
                IndexMemorySize = "16m",
                EnableAOF = false,
                EnableStorageTier = false,
                Recover = false,
                QuietMode = true,
                ExpiredKeyDeletionScanFrequencySecs = 60,
            },
            NullLoggerFactory.Instance);
        server.Start();
        return new(server, port);
    }

    public void Dispose() => _server.Dispose();
}
