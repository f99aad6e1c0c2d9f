namespace Reprise.Cli;

/// <summary>What the process answers. The same three for every command, so that scripts can tell "no" from "do not know".</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran, and the answer is no: a pair did not resume, a node lags, a PKI is there already.</summary>
    public const int Failed = 1;

    /// <summary>It could not run: bad arguments, no cluster, nobody answers, a port is taken.</summary>
    public const int CouldNotRun = 2;

    /// <summary>Stopped by Ctrl-C or SIGTERM before it was done (the shell's number for SIGINT).</summary>
    public const int Interrupted = 130;
}
