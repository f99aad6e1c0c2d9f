using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Core;
using Reprise.Edge.Tests.Harness;
using Reprise.Edge.Tests.Purge;
using Reprise.KeyProtocol.Client;
using Reprise.KeyProtocol.V1;
using Reprise.Testing;
using Reprise.Tls;

namespace Reprise.Edge.Tests.Explain;

/// <summary>Three nodes that are asked, and not harmed.</summary>
public sealed class ExplainEdges(EdgeWorld world) : IAsyncLifetime
{
    internal ThreeEdges Edges { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Edges = await ThreeEdges.StartAsync(world);

    public ValueTask DisposeAsync() => Edges.DisposeAsync();

    /// <summary>What each live node says, by name. All have answered.</summary>
    internal static async Task<SortedDictionary<string, SessionExplanation>> AskAsync(KeyServiceChannel admin, SessionOffer offer)
    {
        ExplainResponse? response = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    response = await admin.Admin.ExplainAsync(new ExplainRequest { Offer = offer });
                    return response.Nodes.All(node => node.Explanation is not null); // a busy machine may take longer than it has
                }
                catch (RpcException fault) when (fault.StatusCode is StatusCode.ResourceExhausted)
                {
                    return false; // as it should: this asks faster than people do
                }
            },
            TimeSpan.FromSeconds(60));
        return new(response!.Nodes.ToDictionary(node => node.Name, node => node.Explanation), StringComparer.Ordinal);
    }

    /// <summary>What the session's client would show of it.</summary>
    internal static SessionOffer OfferOf(ThreeEdges.Held held, string profile = "", string serverName = "")
    {
        Assert.True(SessionFacts.TryRead(DerOf(held.File), out var facts));
        return new SessionOffer { Session = ByteString.CopyFrom((facts.Ticket.IsEmpty ? facts.SessionId : facts.Ticket).Span), Profile = profile, ServerName = serverName };
    }

    /// <summary>A session file's content.</summary>
    internal static byte[] DerOf(string file)
    {
        var pem = File.ReadAllText(file);
        return Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
    }

    internal static void AssertResumed(string mode, Visit visit) => Assert.True((visit.Kind, visit.Mode) == (HandshakeKind.Resumed, mode), visit.ToString());

    internal static void AssertDeclined(string reason, Visit visit) => Assert.True((visit.Kind, visit.Declined) == (HandshakeKind.Full, reason), visit.ToString());
}
