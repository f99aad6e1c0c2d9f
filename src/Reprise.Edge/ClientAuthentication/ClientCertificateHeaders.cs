using System.Net.Http.Headers;
using Reprise.Tls;

namespace Reprise.Edge.ClientAuthentication;

/// <summary>
/// Tells upstreams who the client is, as RFC 9440 has it: the connection's verified certificate, be it of a full or a resumed handshake.
/// What a client sends by these names is removed before, under every profile (<see cref="Proxy.ReservedHeaders"/>).
/// </summary>
internal static class ClientCertificateHeaders
{
    /// <summary>The client's own certificate, a byte sequence (RFC 8941 section 3.3.5).</summary>
    public const string Certificate = "Client-Cert";

    /// <summary>The intermediates between it and the root, a list of byte sequences; not sent where there are none.</summary>
    public const string Chain = "Client-Cert-Chain";

    public static void Set(HttpRequestHeaders headers, ClientChain? client)
    {
        if (client is null)
            return;
        headers.TryAddWithoutValidation(Certificate, ByteSequence(client.Leaf.Span));
        if (client.Rest.Length > 0)
            headers.TryAddWithoutValidation(Chain, string.Join(", ", client.Intermediates.Select(certificate => ByteSequence(certificate.Span))));
    }

    private static string ByteSequence(ReadOnlySpan<byte> bytes) => $":{Convert.ToBase64String(bytes)}:";
}
