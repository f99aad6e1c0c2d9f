using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reprise.KeyService.Tests.Dashboard;

/// <summary>Does what a browser does: keeps cookies, shows a certificate if it has one, sends a page's token with what that page posts.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly Uri _home;
    private readonly HttpClient _http;

    public Browser(Uri home, X509Certificate2? certificate = null)
    {
        _home = home;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = Cookies,
            SslOptions = new SslClientAuthenticationOptions
            {
                // Here the other side judges.
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
            },
        })
        {
            BaseAddress = home,
            DefaultRequestVersion = HttpVersion.Version20,
        };
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>Of the page that was loaded last.</summary>
    public string? Token { get; private set; }

    public async Task<HttpResponseMessage> GetAsync(string path)
    {
        var answer = await _http.GetAsync(new Uri(path, UriKind.Relative));
        if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "text/html")
            Token = (TokenOf().Match(await answer.Content.ReadAsStringAsync()) is { Success: true } match ? match : null)?.Groups["token"].Value;
        return answer;
    }

    /// <summary>Fills the form and sends it: the answer to that.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string token)
    {
        using var page = await GetAsync("/sign-in");
        return await _http.PostAsync(new Uri("/sign-in", UriKind.Relative), new FormUrlEncodedContent([new("token", token), new("__RequestVerificationToken", Token)]));
    }

    public Task<HttpResponseMessage> SignOutAsync() => _http.PostAsync(new Uri("/sign-out", UriKind.Relative), new FormUrlEncodedContent([new("__RequestVerificationToken", Token)]));

    public async Task<JsonElement> StateAsync() => await _http.GetFromJsonAsync<JsonElement>(new Uri("/api/state", UriKind.Relative));

    /// <summary>As the page asks; what is not given is left out.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, object body, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body), Version = HttpVersion.Version20 };
        if (Token is not null)
            request.Headers.Add("RequestVerificationToken", Token);
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("Origin", _home.GetLeftPart(UriPartial.Authority));
        change?.Invoke(request);
        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<Stream> EventsAsync() => await _http.GetStreamAsync(new Uri("/api/events", UriKind.Relative));

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    /// <summary>A program's request.</summary>
    public Task<HttpResponseMessage> BearerAsync(HttpMethod method, string path, string token, object? body = null)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Version = HttpVersion.Version20, Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return _http.SendAsync(request);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("""(name="csrf" content|__RequestVerificationToken" type="hidden" value)="(?<token>[^"]+)""")]
    private static partial Regex TokenOf();
}
