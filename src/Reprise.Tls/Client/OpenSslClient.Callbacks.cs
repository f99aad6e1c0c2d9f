using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Client;

/// <summary>The way from an SSL back to its client.</summary>
public sealed unsafe partial class OpenSslClient
{
    private static readonly int SelfIndex = LibCrypto.CRYPTO_get_ex_new_index(LibCrypto.CRYPTO_EX_INDEX_SSL, 0, null, null, null, null);

    private static void Attach(nint ssl, GCHandle self) =>
        Check(LibSsl.SSL_set_ex_data(ssl, SelfIndex, (void*)GCHandle.ToIntPtr(self)), "SSL_set_ex_data");

    // SSL_CTX_sess_set_new_cb: 1 if the reference is ours from now on, 0 if OpenSSL is to drop it.
    [UnmanagedCallersOnly]
    private static int OnNewSession(nint ssl, nint session)
    {
        try
        {
            if (GCHandle.FromIntPtr((nint)LibSsl.SSL_get_ex_data(ssl, SelfIndex)).Target is not OpenSslClient client)
                return 0;
            client._sessions.Add(new ClientSession(new SafeSslSessionHandle(session)));
            return 1;
        }
        catch (Exception)
        {
            return 0; // out of memory at worst: a session less
        }
    }
}
