using Reprise.KeyProtocol.Identity;

namespace Reprise.KeyProtocol.Client;

/// <summary>How both kinds of client connect.</summary>
internal static class KeyServiceHandler
{
    /// <param name="credentials">Of this side.</param>
    /// <param name="refused">Told why the other side was refused.</param>
    /// <param name="several">
    /// Whether there is another to go to: then one that is gone without a word, or asleep, is given up within 2 s. With one alone that
    /// would only make a slow machine's work harder.
    /// </param>
    public static SocketsHttpHandler Create(PeerCredentials credentials, Action<string> refused, bool several) => new()
    {
        SslOptions = credentials.ForClient(refused),
        // Key rings go straight to the key service or nowhere, whatever HTTPS_PROXY says.
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(several ? 1.5 : 3),
        KeepAlivePingDelay = TimeSpan.FromSeconds(several ? 1 : 10),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(several ? 1 : 5),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };
}
