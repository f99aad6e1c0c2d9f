using System.Runtime.InteropServices;

namespace Reprise.Tls.Interop;

/// <summary>Owns one reference to an EVP_PKEY; OpenSSL cleanses it with the last one.</summary>
internal sealed class SafePrivateKeyHandle : SafeHandle
{
    public SafePrivateKeyHandle(nint key)
        : base(0, ownsHandle: true) => SetHandle(key);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}
