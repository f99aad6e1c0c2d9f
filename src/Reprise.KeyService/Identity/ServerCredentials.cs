using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Identity;
using Reprise.KeyService.Audit;
using Reprise.KeyService.Hosting;

namespace Reprise.KeyService.Identity;

/// <summary>
/// This service's certificate and CA, read again when a file has changed: a restart for a renewal would cost the epochs.
/// Files that cannot be used leave the former ones in force.
/// </summary>
internal sealed partial class ServerCredentials(
    IOptions<KeyServiceOptions> options, TimeProvider time, KeyServiceMetrics metrics, AuditTrail audit, ILogger<ServerCredentials> logger) : IDisposable
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(10);

    private readonly Lock _reading = new();
    private readonly string[] _files = [options.Value.Authority, options.Value.Certificate, options.Value.Key];
    private PeerCredentials? _current;
    private DateTime[] _written = [];
    private long _looked;

    /// <summary>What the next handshake shows and believes.</summary>
    private PeerCredentials Current
    {
        get
        {
            lock (_reading)
            {
                if (_current is null || time.GetElapsedTime(_looked) >= s_between)
                    Look();
                return _current!;
            }
        }
    }

    /// <summary>For one handshake: shows this certificate and demands one of this CA.</summary>
    /// <param name="from">The other side's address.</param>
    public SslServerAuthenticationOptions ForHandshake(EndPoint? from) => Current.ForServer(reason => Refused(from, reason));

    /// <summary>For one handshake with a browser: asks for an admin's certificate, and takes none for an answer.</summary>
    /// <param name="from">The other side's address.</param>
    /// <param name="shown">What it is shown; null: this service's certificate.</param>
    public SslServerAuthenticationOptions ForBrowser(EndPoint? from, SslStreamCertificateContext? shown) => Current.ForBrowsers(shown, reason => Refused(from, reason));

    /// <inheritdoc/>
    public void Dispose() => _current?.Dispose();

    private void Refused(EndPoint? from, string reason)
    {
        metrics.Refused("certificate");
        Log.Refused(logger, reason);
        audit.RecordRefusal(RefusalThrottle.Stranger, from is IPEndPoint address ? address.Address.ToString() : "", reason);
    }

    private void Look()
    {
        _looked = time.GetTimestamp();
        var written = Array.ConvertAll(_files, File.GetLastWriteTimeUtc);
        if (written.AsSpan().SequenceEqual(_written))
            return;
        try
        {
            var read = PeerCredentials.Load(_files[0], _files[1], _files[2]);
            if (_current is not null)
                Log.Renewed(logger, read.Identity, read.NotAfter);
            // The former one is left to the collector: handshakes may be using it.
            _current = read;
            _written = written;
        }
        catch (PeerCredentialsException fault) when (_current is not null)
        {
            Log.NotRenewed(logger, fault.Message);
        }
    }

    // Event ids 4000-4019.
    private static partial class Log
    {
        // A stranger's bad handshake is no event of ours; the metric counts it.
        [LoggerMessage(4000, LogLevel.Debug, "A connection was refused: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(4001, LogLevel.Information, "Certificate of {Identity} read again, valid to {NotAfter:u}")]
        public static partial void Renewed(ILogger logger, KeyIdentity identity, DateTimeOffset notAfter);

        [LoggerMessage(4002, LogLevel.Warning, "A changed certificate file cannot be used, the former one stays: {Reason}")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
