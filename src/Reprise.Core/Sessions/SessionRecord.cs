namespace Reprise.Core.Sessions;

/// <summary>A stored session: OpenSSL's own state and ours.</summary>
/// <param name="Metadata">Age, issuer, epoch, version.</param>
/// <param name="Der">SSL_SESSION as i2d_SSL_SESSION(3) writes it. Secret: it holds the master secret.</param>
public sealed record SessionRecord(SessionMetadata Metadata, byte[] Der)
{
    /// <summary>
    /// Of an authenticated client: the certificates between its own, which is in <see cref="Der"/>, and the root, DER after DER. They vouch for
    /// nobody: the chain is verified again when the session is used.
    /// </summary>
    public ReadOnlyMemory<byte> ClientRest { get; init; }

    /// <summary>The metadata only.</summary>
    public override string ToString() => $"session of {Metadata.Issuer}, epoch {Metadata.Epoch}";
}
