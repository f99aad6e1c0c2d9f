using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>Owns one reference to an SSL_SESSION.</summary>
internal sealed class SafeSslSessionHandle : SafeHandle
{
    public SafeSslSessionHandle(nint session)
        : base(0, ownsHandle: true) => SetHandle(session);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_SESSION_free(handle);
        return true;
    }
}
