using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>Owns one reference to an SSL_CTX. SSL objects made from it hold their own.</summary>
internal sealed class SafeSslContextHandle : SafeHandle
{
    public SafeSslContextHandle(nint ctx)
        : base(0, ownsHandle: true) => SetHandle(ctx);

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// Lends the SSL_CTX for one call that takes a reference of its own: a profile may be disposed on another thread just now.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It has been.</exception>
    public nint Lend(nint argument, Func<nint, nint, nint> call)
    {
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            return call(argument, handle);
        }
        finally
        {
            if (held)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }
}
