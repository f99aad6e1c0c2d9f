namespace Reprise.Edge.Certificates;

/// <summary>One of a profile's certificates: <see cref="Chain"/> and <see cref="Key"/>, or <see cref="Pkcs12"/> with both in it.</summary>
internal sealed class CertificateOptions
{
    /// <summary>PEM file: the leaf, then each certificate that signed the one before it; the root may be left out.</summary>
    public string Chain { get; set; } = "";

    /// <summary>PEM file of one private key: PKCS#8, SEC1 or PKCS#1; encrypted, if <see cref="PasswordFile"/> opens it.</summary>
    public string Key { get; set; } = "";

    /// <summary>PKCS#12 file (<c>.p12</c>, <c>.pfx</c>) of one key and its chain, in place of the two. Default none.</summary>
    public string? Pkcs12 { get; set; }

    /// <summary>File whose first line opens the key or the PKCS#12 file. Default none: they open without.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>
    /// DER file of an OCSP response for the leaf, stapled for clients that ask until it expires. Default none: nothing is stapled.
    /// </summary>
    public string? OcspResponse { get; set; }

    /// <summary>All files that are named; a change of any of them is a change of the certificate.</summary>
    public IEnumerable<string> Files =>
        new[] { Chain, Key, Pkcs12, PasswordFile, OcspResponse }.OfType<string>().Where(file => file.Length > 0);

    /// <summary>Makes the paths absolute.</summary>
    public void Resolve(Func<string, string> resolve)
    {
        Chain = resolve(Chain);
        Key = resolve(Key);
        Pkcs12 = Pkcs12 is { } pkcs12 ? resolve(pkcs12) : null;
        PasswordFile = PasswordFile is { } password ? resolve(password) : null;
        OcspResponse = OcspResponse is { } ocsp ? resolve(ocsp) : null;
    }
}
