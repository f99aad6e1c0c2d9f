namespace Reprise.KeyProtocol.Identity;

/// <summary>A certificate, key or CA file cannot be used. The message is one line, fit for an operator, and names the file.</summary>
public sealed class PeerCredentialsException : Exception
{
    public PeerCredentialsException(string message)
        : base(message)
    {
    }

    public PeerCredentialsException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
