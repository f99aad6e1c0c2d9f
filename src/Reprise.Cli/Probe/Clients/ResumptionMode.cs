namespace Reprise.Cli.Probe.Clients;

/// <summary>Where the session is kept: by the cluster, or by the client in a ticket (DESIGN, first page).</summary>
internal enum ResumptionMode
{
    Stateful,
    Stateless,
}

internal static class ResumptionModeNames
{
    /// <summary>As <c>--mode</c> and the nodes spell it.</summary>
    public static string ToName(this ResumptionMode mode) => mode == ResumptionMode.Stateful ? "stateful" : "stateless";
}
