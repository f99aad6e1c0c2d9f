using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>Owns an SSL.</summary>
internal sealed class SafeSslHandle : SafeHandle
{
    public SafeSslHandle(nint ssl)
        : base(0, ownsHandle: true) => SetHandle(ssl);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        return true;
    }
}
