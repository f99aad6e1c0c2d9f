using System.Collections.Concurrent;
using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>Key-exchange groups by OpenSSL's names.</summary>
public static unsafe class TlsGroups
{
    /// <summary>
    /// What is best, by preference. Nodes of one cluster may have different OpenSSLs, so this, and not what one of them makes of it,
    /// is the policy that they have in common.
    /// </summary>
    public const string Preferred = "X25519MLKEM768:X25519:P-256:P-384";

    private static readonly ConcurrentDictionary<string, bool> Known = new();

    /// <summary>Of a list with colons between, what the OpenSSL in use has; in the same order.</summary>
    public static string Usable(string groups) => string.Join(':', groups.Split(':').Where(IsUsable));

    /// <summary>Whether the OpenSSL in use has this group.</summary>
    public static bool IsUsable(string group) => Known.GetOrAdd(group, Ask);

    private static bool Ask(string group)
    {
        NativeLibraries.EnsureUsable();
        using var context = new SafeSslContextHandle(LibSsl.SSL_CTX_new(LibSsl.TLS_server_method()));
        if (context.IsInvalid)
            throw OpenSslException.FromQueue("SSL_CTX_new");
        fixed (byte* name = Encoding.ASCII.GetBytes(group + '\0'))
        {
            // borrowed: the handle lives in this method
            var usable = LibSsl.SSL_CTX_ctrl(context.DangerousGetHandle(), LibSsl.SSL_CTRL_SET_GROUPS_LIST, 0, name) == 1;
            LibCrypto.ERR_clear_error();
            return usable;
        }
    }
}
