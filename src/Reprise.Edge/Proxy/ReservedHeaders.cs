using System.Collections.Frozen;
using System.Net.Http.Headers;
using Reprise.Edge.ClientAuthentication;

namespace Reprise.Edge.Proxy;

/// <summary>Headers by which the edge speaks to upstreams: what a client sends by these names never gets there.</summary>
internal static class ReservedHeaders
{
    private static readonly FrozenSet<string> s_names = FrozenSet.ToFrozenSet(
        [ClientCertificateHeaders.Certificate, ClientCertificateHeaders.Chain, ProxyExtensions.SessionHeader, ProxyRoutes.ProfileHeader],
        StringComparer.OrdinalIgnoreCase);

    public static void Remove(HttpRequestHeaders headers)
    {
        foreach (var name in headers.NonValidated.Select(header => header.Key).Where(IsReserved).ToList())
            headers.Remove(name);
    }

    // CGI and its heirs make one variable of Client-Cert and Client_Cert: either would do for whoever wants to be somebody else.
    private static bool IsReserved(string name) => s_names.Contains(name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name);
}
