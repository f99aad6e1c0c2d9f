namespace Reprise.Tls;

/// <summary>Where a handshake stands after OpenSSL has worked on it.</summary>
internal enum HandshakeStep
{
    NeedsInput,

    /// <summary>Has read enough for one turn, and goes on after others had theirs.</summary>
    Curbed,

    /// <summary>Waits for the session store; goes on when <see cref="ServerConnection.Resume"/> was called.</summary>
    Parked,
    Complete,
    Failed,
}
