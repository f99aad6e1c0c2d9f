using Reprise.KeyProtocol.Identity;

namespace Reprise.KeyProtocol.Client;

/// <summary>How both kinds of client connect.</summary>
internal static class KeyServiceHandler
{
    public static SocketsHttpHandler Create(PeerCredentials credentials, Action<string> refused) => new()
    {
        SslOptions = credentials.ForClient(refused),
        // Key rings go straight to the key service or nowhere, whatever HTTPS_PROXY says.
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        // A peer that is gone without a word is noticed within 15 s.
        KeepAlivePingDelay = TimeSpan.FromSeconds(10),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };
}
