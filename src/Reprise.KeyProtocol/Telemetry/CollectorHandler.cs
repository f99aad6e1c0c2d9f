using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Reprise.KeyProtocol.Telemetry;

/// <summary>The connections to the collector, shared by all exports. Counts them, and says when they begin to fail and when they are well again.</summary>
internal sealed partial class CollectorHandler : DelegatingHandler
{
    private readonly TelemetryOptions _options;
    private readonly ILogger _logger;
    private readonly Counter<long> _exports;
    private int _failing;

    public CollectorHandler(TelemetryOptions options, Meter meter, ILogger<CollectorHandler> logger)
        : base(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(15) })
    {
        _options = options;
        _logger = logger;
        _exports = meter.CreateCounter<long>("reprise.telemetry.exports", "{export}", "Exports to the collector, by result: ok, failed");
        if (options.CertificateAuthorityFile is not { } authorities)
            return;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authorities);
        ((SocketsHttpHandler)InnerHandler!).SslOptions.CertificateChainPolicy = policy;
    }

    /// <summary>For one exporter, which disposes it.</summary>
    public HttpClient CreateClient() => new(this, disposeHandler: false) { Timeout = _options.Timeout };

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            AddHeaders(request);
            return Note(base.Send(request, cancellationToken));
        }
        catch (Exception fault)
        {
            Note(fault);
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            AddHeaders(request);
            return Note(await base.SendAsync(request, cancellationToken));
        }
        catch (Exception fault)
        {
            Note(fault);
            throw;
        }
    }

    private void AddHeaders(HttpRequestMessage request)
    {
        if (_options.HeadersFile is not { } file)
            return;
        try
        {
            foreach (var (name, value) in CollectorHeaders.Read(file))
                request.Headers.TryAddWithoutValidation(name, value);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new HttpRequestException($"{TelemetryOptions.SectionName}:{nameof(TelemetryOptions.HeadersFile)}: {fault.Message}", fault);
        }
    }

    private HttpResponseMessage Note(HttpResponseMessage answer)
    {
        // A gRPC server that refuses at once says so here; the header is absent where the answer is good.
        var refused = answer.Headers.TryGetValues("grpc-status", out var status) && status.FirstOrDefault() != "0";
        Note(answer.StatusCode is HttpStatusCode.OK && !refused ? null : refused ? $"gRPC status {status!.First()}" : $"status {(int)answer.StatusCode}");
        return answer;
    }

    private void Note(Exception fault) => Note(fault is OperationCanceledException ? "no answer in time" : fault.GetBaseException().Message.ReplaceLineEndings(" "));

    private void Note(string? failure)
    {
        _exports.Add(1, new KeyValuePair<string, object?>("result", failure is null ? "ok" : "failed"));
        if (Interlocked.Exchange(ref _failing, failure is null ? 0 : 1) == (failure is null ? 0 : 1))
            return;
        if (failure is null)
            Log.Well(_logger, _options.Endpoint!);
        else
            Log.Failing(_logger, _options.Endpoint!, failure);
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Warning, "The collector at {Endpoint} takes no telemetry, which is lost meanwhile: {Reason}")]
        public static partial void Failing(ILogger logger, string endpoint, string reason);

        [LoggerMessage(3011, LogLevel.Information, "The collector at {Endpoint} takes telemetry again")]
        public static partial void Well(ILogger logger, string endpoint);
    }
}
