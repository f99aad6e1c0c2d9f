using System.Text.Json.Nodes;
using Reprise.Edge.Tests.Harness;
using Reprise.Testing;

namespace Reprise.Edge.Tests.ClientAuthentication;

/// <summary>
/// Two nodes with profiles that verify clients, and one that does not: resuming or not, required or not. The second has been told that the
/// client "revoked" is.
/// </summary>
public sealed class MutualEdges(EdgeWorld world) : IAsyncLifetime
{
    public const string Collection = "mutual edges";

    /// <summary>Required; does not resume.</summary>
    public const string Strict = "strict.reprise.test";

    /// <summary>Required; resumes, TLS 1.3 by tickets.</summary>
    public const string Tickets = "tickets.reprise.test";

    /// <summary>Required; resumes, TLS 1.3 by handles.</summary>
    public const string Handles = "handles.reprise.test";

    /// <summary>Optional; resumes, TLS 1.3 by tickets.</summary>
    public const string Lax = "lax.reprise.test";

    private readonly TemporaryDirectory _files = new();

    internal EdgeWorld World => world;

    internal ClientPki Clients { get; private set; } = null!;

    internal EdgeNode One { get; private set; } = null!;

    internal EdgeNode Two { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clients = new ClientPki(_files.Path);
        var one = world.StartEdgeAsync(Settings("edge-1", Clients.WriteLists("none.pem")));
        Two = await world.StartEdgeAsync(Settings("edge-2", Clients.RevocationLists));
        One = await one;
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Two.DisposeAsync();
        Clients.Dispose();
        _files.Dispose();
    }

    internal JsonObject Settings(string node, string lists) => world.Settings(node)
        .With("Profiles:strict", Profile(Strict, "Required", "Stateless", resume: false, lists))
        .With("Profiles:tickets", Profile(Tickets, "Required", "Stateless", resume: true, lists))
        .With("Profiles:handles", Profile(Handles, "Required", "Stateful", resume: true, lists))
        .With("Profiles:lax", Profile(Lax, "Optional", "Stateless", resume: true, lists));

    private JsonObject Profile(string host, string mode, string tls13, bool resume, string lists)
    {
        var profile = EdgeSettings.Profile([host], stateful: true, stateless: true, tls13, world.Upstream.Address)
            .With("ClientAuth:Mode", mode)
            .With("ClientAuth:Authorities", Clients.Authorities)
            .With("ClientAuth:Depth", 1);
        profile["ClientAuth"]!["RevocationLists"] = new JsonArray(lists);
        return resume ? profile.With("Resumption:ResumeAuthenticatedClients", true) : profile;
    }
}

[CollectionDefinition(MutualEdges.Collection)]
public sealed class MutualEdgesCollection : ICollectionFixture<MutualEdges>;
