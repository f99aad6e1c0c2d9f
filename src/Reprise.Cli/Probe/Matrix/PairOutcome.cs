namespace Reprise.Cli.Probe.Matrix;

/// <summary>How it went with one pair.</summary>
internal enum PairOutcome
{
    /// <summary>Client and node agree: resumed, in the mode that was asked for.</summary>
    Resumed,

    /// <summary>A full handshake, no session to offer, or the two sides disagree.</summary>
    NotResumed,

    /// <summary>Nothing can be said: a node did not answer.</summary>
    Unknown,
}
