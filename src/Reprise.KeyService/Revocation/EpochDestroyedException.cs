namespace Reprise.KeyService.Revocation;

/// <summary>There is nothing to revoke any more.</summary>
internal sealed class EpochDestroyedException(long epoch) : Exception
{
    public long Epoch => epoch;
}
