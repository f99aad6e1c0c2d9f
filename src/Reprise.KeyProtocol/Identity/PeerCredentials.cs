using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reprise.KeyProtocol.Identity;

/// <summary>
/// One side of the key plane's mTLS: its certificate with key, and the only CA that it believes. The system's trust
/// store plays no part, and nothing is downloaded while a chain is built.
/// </summary>
public sealed class PeerCredentials : IDisposable
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    private const string NoCertificate = "it showed no certificate";

    private readonly X509Certificate2Collection _authorities;
    private readonly X509Certificate2Collection _intermediates;
    private readonly X509Certificate2 _certificate;
    private readonly SslStreamCertificateContext _context;

    private PeerCredentials(X509Certificate2Collection authorities, X509Certificate2 certificate, X509Certificate2Collection intermediates, KeyIdentity identity)
    {
        _authorities = authorities;
        _certificate = certificate;
        _intermediates = intermediates;
        // Offline: it would otherwise fetch missing issuers over the network.
        _context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
        Identity = identity;
    }

    /// <summary>Who this side is.</summary>
    public KeyIdentity Identity { get; }

    /// <summary>End of this side's certificate.</summary>
    public DateTimeOffset NotAfter => _certificate.NotAfter;

    /// <summary>Reads PEM files.</summary>
    /// <param name="authority">The CA; several certificates while one CA follows another.</param>
    /// <param name="certificate">The leaf, and any intermediates after it.</param>
    /// <param name="key">Its private key, unencrypted.</param>
    /// <exception cref="PeerCredentialsException">A file is missing or not what it should be.</exception>
    public static PeerCredentials Load(string authority, string certificate, string key)
    {
        var authorities = ReadCertificates(authority);
        var chain = ReadCertificates(certificate);
        var leaf = ReadLeaf(certificate, key);
        if (!KeyIdentity.TryRead(leaf, out var identity, out var reason))
        {
            leaf.Dispose();
            throw new PeerCredentialsException($"{certificate} cannot be used: {reason}");
        }

        chain[0].Dispose();
        chain.RemoveAt(0);
        return new PeerCredentials(authorities, leaf, chain, identity);
    }

    /// <summary>For the side that connects: shows the certificate, and accepts a key service of this CA only.</summary>
    /// <remarks>
    /// The host name is not looked at: what counts is the role, which only this CA can give. So a key service may move,
    /// or be reached by any address.
    /// </remarks>
    /// <param name="refused">Told why the other side was refused, in words for an operator.</param>
    public SslClientAuthenticationOptions ForClient(Action<string> refused) => new()
    {
        ClientCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = ChainPolicy(ServerAuth),
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
            var reason = Refuse(certificate, chain, errors);
            if (reason is null && IdentityOf(certificate!, out reason) is { Role: not KeyRole.KeyService } other)
                reason = $"its certificate is that of {other}, where a key service was expected";
            if (reason is not null)
                refused(reason);
            return reason is null;
        },
    };

    /// <summary>For the side that listens: shows the certificate, and accepts holders of a role from this CA only.</summary>
    /// <remarks>What the role allows is decided call by call, where the answer can be a proper gRPC status.</remarks>
    /// <param name="refused">Told why the other side was refused, in words for an operator.</param>
    public SslServerAuthenticationOptions ForServer(Action<string> refused) => ForServer(_context, refused, certificate =>
        certificate is null ? NoCertificate : IdentityOf(certificate, out var reason) is null ? reason : null);

    /// <summary>For the side that listens to operators' browsers: asks for a certificate, and accepts an admin's of this CA, or none.</summary>
    /// <remarks>Who shows none has to be let in by other means.</remarks>
    /// <param name="shown">What browsers are shown; null: this side's own.</param>
    /// <param name="refused">Told why the other side was refused, in words for an operator.</param>
    public SslServerAuthenticationOptions ForBrowsers(SslStreamCertificateContext? shown, Action<string> refused) => ForServer(shown ?? _context, refused, certificate =>
        certificate is null ? null
        : IdentityOf(certificate, out var reason) is { Role: not KeyRole.Admin } other ? $"its certificate is that of {other}, where an admin was expected"
        : reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        foreach (var certificate in _intermediates)
            certificate.Dispose();
        foreach (var authority in _authorities)
            authority.Dispose();
    }

    /// <summary>Who this side is.</summary>
    public override string ToString() => Identity.ToString();

    // Judge: gives why one is refused that this CA has issued, or none.
    private SslServerAuthenticationOptions ForServer(SslStreamCertificateContext shown, Action<string> refused, Func<X509Certificate?, string?> judge) => new()
    {
        ServerCertificateContext = shown,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        // A resumed session would carry a verdict on the certificate from an earlier time.
        AllowTlsResume = false,
        ClientCertificateRequired = true,
        CertificateChainPolicy = ChainPolicy(ClientAuth),
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            var reason = (certificate is null ? null : Refuse(certificate, chain, errors)) ?? judge(certificate);
            if (reason is not null)
                refused(reason);
            return reason is null;
        },
    };

    private static string? Refuse(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return NoCertificate;
        if (errors is SslPolicyErrors.None)
            return null;
        var faults = chain?.ChainStatus.Select(status => status.Status).Distinct().ToList() ?? [];
        return faults.Count == 0
            ? $"its certificate is refused: {errors}"
            : $"its certificate is refused by the configured CA: {string.Join(", ", faults)}";
    }

    private static KeyIdentity? IdentityOf(X509Certificate certificate, out string? reason)
    {
        // SslStream hands over its own X509Certificate2; ours is made only if it ever does not.
        var owned = certificate as X509Certificate2 is null ? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()) : null;
        try
        {
            var read = KeyIdentity.TryRead(owned ?? (X509Certificate2)certificate, out var identity, out var why);
            reason = read ? null : $"its certificate names nobody: {why}";
            return identity;
        }
        finally
        {
            owned?.Dispose();
        }
    }

    private X509ChainPolicy ChainPolicy(string purpose)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // Removed nodes are refused by serial number (a later issue); a CRL would have to be fetched.
            RevocationMode = X509RevocationMode.NoCheck,
            // A stranger's certificate must not make us call the address that it names.
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(purpose));
        return policy;
    }

    private static X509Certificate2Collection ReadCertificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PeerCredentialsException($"{path} cannot be read: {OneLine(fault)}", fault);
        }

        return certificates.Count > 0 ? certificates : throw new PeerCredentialsException($"{path} holds no PEM certificate");
    }

    private static X509Certificate2 ReadLeaf(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PeerCredentialsException($"{key} cannot be read: {OneLine(fault)}", fault);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new PeerCredentialsException($"{key} is not the unencrypted PEM key of {certificate}", fault);
        }
    }

    private static string OneLine(Exception fault) => fault.Message.ReplaceLineEndings(" ");
}
