using System.Net;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Reprise.Testing;
using Reprise.Tls.Client;
using Reprise.Tls.Interop;

namespace Reprise.Edge.Tests.Scopes;

/// <summary>One connection as all three saw it: the client, the node by its report, and the upstreams.</summary>
/// <param name="Path">Of the request that is for an upstream; of no other connection.</param>
/// <param name="Resumed">As the client saw it.</param>
/// <param name="Report">The node's; null if there was no connection.</param>
/// <param name="Status">What the request was answered with; 0 for nothing.</param>
/// <param name="Failure">Why the client had no connection, or null.</param>
internal sealed record ScopeVisit(string Path, bool Resumed, JsonElement? Report, int Status, string? Failure) : IDisposable
{
    private static int _visits;

    /// <summary>What the client has got, oldest first.</summary>
    public IReadOnlyList<ClientSession> Sessions { get; private init; } = [];

    public string? Profile => Report?.GetProperty("profile").GetString();

    public string? Mode => Report?.GetProperty("mode").GetString();

    public string? Client => Report is { } report && report.GetProperty("clientCertificate") is { ValueKind: JsonValueKind.Object } client ? client.GetProperty("subject").GetString() : null;

    /// <summary>Asks for the report, and then for something that is the upstream's.</summary>
    /// <param name="endPoint">The node's listener.</param>
    /// <param name="kind">Of the session that is offered or asked for.</param>
    /// <param name="authority">PEM file of the sites' CA.</param>
    /// <param name="sni">Null: none is sent.</param>
    /// <param name="host">Of the second request.</param>
    /// <param name="offer">Stays the caller's.</param>
    /// <param name="certificate">PEM file; its key beside it.</param>
    /// <param name="listen">First listens for the alert that is to come: asking would be answered by a reset, which may overtake it.</param>
    public static ScopeVisit Make(IPEndPoint endPoint, SessionKind kind, string authority, string? sni, string host, ClientSession? offer, string? certificate, bool listen)
    {
        var path = $"/{Interlocked.Increment(ref _visits)}";
        using var copy = offer?.Copy(); // what fails or resumes spends it
        try
        {
            using var client = OpenSslClient.Connect(new OpenSslClientOptions
            {
                EndPoint = endPoint,
                ServerName = sni,
                Version = kind.Version == "1.3" ? SslProtocols.Tls13 : SslProtocols.Tls12,
                NoTicket = kind.NoTicket,
                AuthorityFile = authority,
                ApplicationProtocols = ["http/1.1"],
                CertificateFile = certificate,
                KeyFile = certificate is null ? null : System.IO.Path.ChangeExtension(certificate, ".key"),
                Session = copy,
                Timeout = TimeSpan.FromSeconds(30),
            });
            if (listen)
                ReadToEnd(client);
            client.Write(Encoding.ASCII.GetBytes($"GET /.well-known/reprise/handshake HTTP/1.1\r\nHost: {host}\r\n\r\n" + OpenSsl.Get(path, host)));
            var answers = ReadToEnd(client).Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(2, answers.Length);
            var sessions = new List<ClientSession>();
            while (client.TakeSession() is { } session)
                sessions.Insert(0, session);
            return new ScopeVisit(path, client.Resumed, JsonDocument.Parse(answers[0][answers[0].IndexOf('{')..]).RootElement, int.Parse(answers[1][..3], null), null) { Sessions = sessions };
        }
        catch (Exception failure) when (failure is OpenSslException or IOException)
        {
            return new ScopeVisit(path, Resumed: false, null, 0, failure.Message);
        }
    }

    public void Dispose()
    {
        foreach (var session in Sessions)
            session.Dispose();
    }

    private static string ReadToEnd(OpenSslClient client)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        for (int read; (read = client.Read(buffer)) > 0;)
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return text.ToString();
    }
}
