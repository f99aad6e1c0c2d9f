namespace Reprise.Cli.Probe.Matrix;

/// <summary>
/// Whether a session of one node resumes on another. There are two: nodes of ours tell what they saw, and are held to it; of any other
/// server there is only what the client sees.
/// </summary>
internal interface IPairTrial
{
    /// <summary>A full handshake with <paramref name="from"/>, and its session offered to <paramref name="to"/>.</summary>
    Task<PairResult> TryAsync(ProbeCase way, ProbeNode from, ProbeNode to, CancellationToken cancellationToken);
}
