namespace Reprise.Core.Sessions;

/// <summary>A stored session: OpenSSL's own state and ours.</summary>
/// <param name="Metadata">Age, issuer, epoch, version.</param>
/// <param name="Der">SSL_SESSION as i2d_SSL_SESSION(3) writes it. Secret: it holds the master secret.</param>
public sealed record SessionRecord(SessionMetadata Metadata, byte[] Der)
{
    /// <summary>The metadata only.</summary>
    public override string ToString() => $"session of {Metadata.Issuer}, epoch {Metadata.Epoch}";
}
