namespace Reprise.Tls;

/// <summary>What a read of application data came to.</summary>
internal enum ReadStep
{
    Data,
    NeedsInput,

    /// <summary>Has read enough for one turn, and goes on after others had theirs.</summary>
    Curbed,

    /// <summary>The peer sent close_notify.</summary>
    Closed,

    /// <summary>The connection ended without close_notify, or broke TLS.</summary>
    Broken,
}
