using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>CA certificates that clients are verified against, read and checked.</summary>
internal sealed unsafe class AuthorityFile : IDisposable
{
    private readonly List<nint> _certificates = [];

    private AuthorityFile()
    {
    }

    /// <summary>X509, borrowed; alive until this is disposed.</summary>
    public IReadOnlyList<nint> Certificates => _certificates;

    /// <exception cref="OpenSslException">No certificate, one that is no CA's, or one whose issuer is missing; names the file.</exception>
    public static AuthorityFile Read(TlsFile file)
    {
        var authorities = new AuthorityFile();
        try
        {
            authorities.Load(file);
            authorities.RequireRoots(file);
            return authorities;
        }
        catch
        {
            authorities.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificates.ForEach(LibCrypto.X509_free);
        _certificates.Clear();
    }

    private void Load(TlsFile file)
    {
        using var bytes = file.Bytes.Pin();
        var bio = LibCrypto.BIO_new_mem_buf(bytes.Pointer, file.Bytes.Length); // read-only view of the pinned bytes
        try
        {
            while (LibCrypto.PEM_read_bio_X509(bio, null, null, null) is var certificate and not 0)
                _certificates.Add(certificate);
        }
        finally
        {
            _ = LibCrypto.BIO_free(bio);
        }

        // The loop ends with "no start line"; anything else is a certificate that cannot be read, and it must not go missing.
        if (_certificates.Count == 0 || !PemEnd.WasReached())
            throw OpenSslException.FromQueue($"{file} has {(_certificates.Count == 0 ? "no certificate" : "a certificate that cannot be read")}; allowed: CA certificates in PEM");
        LibCrypto.ERR_clear_error();
    }

    private void RequireRoots(TlsFile file)
    {
        foreach (var certificate in _certificates)
        {
            var name = ClientVerification.NameOf(LibCrypto.X509_get_subject_name(certificate));
            if (LibCrypto.X509_check_ca(certificate) == 0)
                throw new OpenSslException($"{file} has '{name}', which is no CA; allowed: CA certificates");
            if (!_certificates.Exists(issuer => LibCrypto.X509_check_issued(issuer, certificate) == LibCrypto.X509_V_ERR_OK))
                throw new OpenSslException($"{file} has '{name}' without the CA that issued it; allowed: root CA certificates, and intermediates beside their roots");
        }
    }
}
