namespace Reprise.KeyService.Hosting;

/// <summary>The sockets of a key service. Set on each connection as a feature; as an endpoint's metadata it says which of them serves it.</summary>
internal sealed class Listener
{
    private Listener(string name) => Name = name;

    /// <summary>Nodes and operators, over mTLS. Endpoints that name no listener are for it.</summary>
    public static Listener Grpc { get; } = new("gRPC");

    /// <summary>Health and metrics, in plain HTTP.</summary>
    public static Listener Management { get; } = new("management");

    /// <summary>The page for operators, over TLS.</summary>
    public static Listener Dashboard { get; } = new("dashboard");

    private string Name { get; }

    /// <summary>For logs.</summary>
    public override string ToString() => Name;
}
