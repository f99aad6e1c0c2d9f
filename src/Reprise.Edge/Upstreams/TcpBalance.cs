namespace Reprise.Edge.Upstreams;

/// <summary>Which address a connection goes to.</summary>
internal enum TcpBalance
{
    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The first that can be reached: the others stand by.</summary>
    FirstAvailable,
}
