using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;
using static Reprise.Edge.Tests.Reload.LiveEdge;

namespace Reprise.Edge.Tests.Reload;

/// <summary>A client is put on a revocation list while the node runs.</summary>
public sealed class RevocationListReloadTests(EdgeWorld world)
{
    [Fact]
    public async Task Reload_ClientRevoked_IsLetInByNoSessionAndNoConnection()
    {
        ClientPki? clients = null;
        await using var edge = await StartAsync(world, edge =>
        {
            clients = new ClientPki(edge.File("clients"));
            clients.Write("both.pem", $"{clients.Root.Certificate.ExportCertificatePem()}\n{clients.Intermediate.Certificate.ExportCertificatePem()}\n");
            clients.WriteLists("live.pem");
            edge.Settings.With("Profiles:stateless:ClientAuth", new JsonObject
            {
                ["Mode"] = "Required",
                ["Authorities"] = "clients/both.pem",
                ["RevocationLists"] = new JsonArray("clients/live.pem"),
            }).With("Profiles:stateless:Resumption:ResumeAuthenticatedClients", true);
        });
        using var pki = clients!;
        var revoked = await KeepAsync(edge, "good", pki);
        var other = await KeepAsync(edge, "rsa", pki);
        AssertKind(HandshakeKind.Resumed, await VisitAsync(edge, "good", pki, revoked));
        using var browser = Browser(edge, pki);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(new Uri($"https://{Stateless}/"))).StatusCode);

        await edge.ReloadAsync(() => pki.WriteLists("live.pem", "good"));

        AssertRefused(await VisitAsync(edge, "good", pki, revoked));
        AssertRefused(await VisitAsync(edge, "good", pki, session: null));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await browser.GetAsync(new Uri($"https://{Stateless}/"))).StatusCode); // by its old connection
        await Assert.ThrowsAsync<HttpRequestException>(() => browser.GetAsync(new Uri($"https://{Stateless}/"))); // by a new one
        AssertKind(HandshakeKind.Resumed, await VisitAsync(edge, "rsa", pki, other)); // nobody else is concerned
    }

    private static async Task<string> KeepAsync(LiveEdge edge, string client, ClientPki pki)
    {
        var file = edge.SessionFile();
        AssertKind(HandshakeKind.Full, await edge.Node.VisitAsync("1.2", Stateless, keep: file, arguments: [.. pki.Arguments(client)]));
        return file;
    }

    private static Task<Visit> VisitAsync(LiveEdge edge, string client, ClientPki pki, string? session) =>
        edge.Node.VisitAsync("1.2", Stateless, offer: session, arguments: [.. pki.Arguments(client)]);

    private static void AssertRefused(Visit visit) => Assert.Contains("alert certificate revoked", visit.Client.Output, StringComparison.Ordinal);

    private static void AssertKind(HandshakeKind kind, Visit visit) => Assert.True(visit.Kind == kind, visit.ToString());

    private static HttpClient Browser(LiveEdge edge, ClientPki pki) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(edge.Node.EndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions =
        {
            CertificateChainPolicy = edge.Node.Trust(),
            LocalCertificateSelectionCallback = (_, _, _, _, _) => pki["good"],
            AllowTlsResume = false,
        },
    });
}
