using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reprise.Cli.Probe.Clients;

/// <summary>What a node tells of a connection by its handshake endpoint (DESIGN §9).</summary>
internal sealed record NodeReport
{
    public const string Path = "/.well-known/reprise/handshake";

    public required string Node { get; init; }

    public string? Protocol { get; init; }

    public string? Cipher { get; init; }

    public string? Group { get; init; }

    public string? Sni { get; init; }

    public string? Alpn { get; init; }

    public required bool Resumed { get; init; }

    /// <summary><c>full</c>, <c>stateful</c> or <c>stateless</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The node that made the session.</summary>
    public string? Issuer { get; init; }

    public long? Epoch { get; init; }

    public double? SessionAgeSeconds { get; init; }

    /// <summary>Why an offered session was not resumed.</summary>
    [JsonPropertyName("declined")]
    public string? DeclineReason { get; init; }

    /// <summary>Asks over an established connection, by HTTP/1.1.</summary>
    /// <param name="connection">The plaintext side of a TLS connection; consumed.</param>
    /// <param name="serverName">For the Host header: it must be of the connection's profile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">No answer, or not 200: then it has the status.</exception>
    /// <exception cref="JsonException">The answer is not a report.</exception>
    public static async Task<NodeReport> AskAsync(Stream connection, string serverName, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult(connection),
            UseProxy = false,
            AllowAutoRedirect = false,
        };
        using var http = new HttpClient(handler) { Timeout = ProbeTarget.Patience };
        // http://: TLS is done already, below this client.
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{serverName}{Path}") { Headers = { ConnectionClose = true } };
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new HttpRequestException($"{Path} answered {(int)response.StatusCode} (is Edge:Diagnostics on?)", inner: null, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<NodeReport>(cancellationToken)
            ?? throw new JsonException("the report is null");
    }
}
