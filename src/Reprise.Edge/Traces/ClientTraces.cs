namespace Reprise.Edge.Traces;

/// <summary>What becomes of the trace that a request says to belong to.</summary>
internal enum ClientTraces
{
    /// <summary>It ends here: another begins.</summary>
    Restart,

    /// <summary>It goes on, recorded or not as it says.</summary>
    Continue,
}
