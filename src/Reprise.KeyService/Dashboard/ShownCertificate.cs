using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Reprise.KeyProtocol.Identity;

namespace Reprise.KeyService.Dashboard;

/// <summary>The certificate that browsers are shown where it is not the key service's own; read again when a file has changed.</summary>
internal sealed partial class ShownCertificate(IOptions<DashboardOptions> options, TimeProvider time, ILogger<ShownCertificate> logger)
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(10);

    private readonly Lock _reading = new();
    private SslStreamCertificateContext? _current;
    private (DateTime, DateTime) _written;
    private long _looked;

    /// <summary>For the next handshake; null: the key service's own.</summary>
    public SslStreamCertificateContext? Current
    {
        get
        {
            if (options.Value is not { Certificate: { } certificate, Key: { } key })
                return null;
            lock (_reading)
            {
                if (_current is null || time.GetElapsedTime(_looked) >= s_between)
                    Look(certificate, key);
                return _current;
            }
        }
    }

    /// <summary>Reads PEM files: the leaf with its key, and the intermediates after it.</summary>
    /// <exception cref="PeerCredentialsException">A file is missing or not what it should be.</exception>
    public static X509Certificate2 Load(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PeerCredentialsException($"{(File.Exists(certificate) ? key : certificate)} cannot be read: {fault.Message.ReplaceLineEndings(" ")}", fault);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new PeerCredentialsException($"{key} is not the unencrypted PEM key of {certificate}", fault);
        }
    }

    private void Look(string certificate, string key)
    {
        _looked = time.GetTimestamp();
        var written = (File.GetLastWriteTimeUtc(certificate), File.GetLastWriteTimeUtc(key));
        if (_current is not null && written == _written)
            return;
        try
        {
            var leaf = Load(certificate, key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            // The former one is left to the collector: handshakes may be using it. Offline: nothing is fetched to complete the chain.
            _current = SslStreamCertificateContext.Create(leaf, chain, offline: true);
            _written = written;
            Log.Read(logger, certificate, leaf.NotAfter);
        }
        catch (Exception fault) when (_current is not null && fault is PeerCredentialsException or CryptographicException)
        {
            Log.NotRead(logger, fault.Message);
        }
    }

    // Event ids 4310-4319.
    private static partial class Log
    {
        [LoggerMessage(4310, LogLevel.Information, "The dashboard shows the certificate in {File}, valid to {NotAfter:u}")]
        public static partial void Read(ILogger logger, string file, DateTimeOffset notAfter);

        [LoggerMessage(4311, LogLevel.Warning, "The dashboard's changed certificate cannot be used, the former one stays: {Reason}")]
        public static partial void NotRead(ILogger logger, string reason);
    }
}
