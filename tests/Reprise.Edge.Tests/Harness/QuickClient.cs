using System.Security.Authentication;
using System.Text;
using Reprise.Tls.Client;

namespace Reprise.Edge.Tests.Harness;

/// <summary>
/// Connections by OpenSSL in this process, each on a thread of its own: for many at once, and for a client that comes back in
/// the moment in which it has its session.
/// </summary>
internal static class QuickClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// One connection to the stateful profile, over as soon as the client has its session: TLS 1.2 with the Finished, TLS 1.3 with
    /// the first ticket.
    /// </summary>
    /// <param name="node">Where to.</param>
    /// <param name="version">"1.2" (without tickets) or "1.3".</param>
    /// <param name="offer">A session; stays the caller's.</param>
    /// <param name="atOnce">Awaited between the start of the thread and the connection.</param>
    /// <exception cref="IOException">The handshake did not complete; other exceptions of the client say the same.</exception>
    public static Task<QuickVisit> VisitAsync(EdgeNode node, string version, ClientSession? offer = null, Barrier? atOnce = null) =>
        Task.Factory.StartNew(() => Visit(node, version, offer, atOnce), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static QuickVisit Visit(EdgeNode node, string version, ClientSession? offer, Barrier? atOnce)
    {
        var options = new OpenSslClientOptions
        {
            EndPoint = node.EndPoint,
            ServerName = EdgeSettings.Stateful,
            Version = version == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12,
            AuthorityFile = node.Authority,
            NoTicket = version == "1.2",
            Session = offer,
            Timeout = Patience,
        };
        atOnce?.SignalAndWait(Patience);
        using var client = OpenSslClient.Connect(options);
        if (version == "1.3")
        {
            client.Write(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {EdgeSettings.Stateful}\r\nConnection: close\r\n\r\n"));
            Span<byte> buffer = stackalloc byte[4096];
            while (client.Read(buffer) > 0 && client.Sessions.Count == 0)
            {
                // The tickets come before the answer; without any, it is read to its end.
            }
        }

        return new QuickVisit(client.Resumed, client.TakeSession());
    }
}

/// <param name="Resumed">As the client saw it.</param>
/// <param name="Session">The newest that it got; null if none.</param>
internal sealed record QuickVisit(bool Resumed, ClientSession? Session) : IDisposable
{
    public void Dispose() => Session?.Dispose();
}
