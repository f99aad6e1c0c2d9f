namespace Reprise.Cli.Probe.Matrix;

/// <summary>How it went with one pair, from good to bad.</summary>
internal enum PairOutcome
{
    /// <summary>Resumed; where the node tells, client and node agree, in the mode that was asked for.</summary>
    Resumed,

    /// <summary>The server does not speak the version: there is nothing to resume.</summary>
    NotSpoken,

    /// <summary>A full handshake, no session to offer, or the two sides disagree.</summary>
    NotResumed,

    /// <summary>Nothing can be said: a node did not answer.</summary>
    Unknown,
}
