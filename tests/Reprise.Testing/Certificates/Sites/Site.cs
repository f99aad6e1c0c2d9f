using System.Text;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.X509;

namespace Reprise.Testing.Sites;

/// <summary>A certificate with its key.</summary>
public sealed class Site(SiteAuthority authority, AsymmetricKeyParameter key, X509Certificate leaf)
{
    public SiteAuthority Authority => authority;

    public X509Certificate Leaf => leaf;

    /// <summary>As operators should have it: the leaf and the intermediate.</summary>
    public string Chain => Pem(leaf, authority.Intermediate);

    /// <summary>PKCS#8.</summary>
    public string Key
    {
        get
        {
            var info = PrivateKeyInfoFactory.CreatePrivateKeyInfo(key);
            info = new PrivateKeyInfo(info.PrivateKeyAlgorithm, info.ParsePrivateKey()); // version 1: OpenSSL 3.0 does not know 2, with a public key
            return Pem(new Org.BouncyCastle.Utilities.IO.Pem.PemObject("PRIVATE KEY", info.GetDerEncoded()));
        }
    }

    public static string Pem(params IEnumerable<object> objects)
    {
        var text = new StringWriter();
        var writer = new PemWriter(text);
        foreach (var one in objects)
            writer.WriteObject(one);
        return text.ToString();
    }

    /// <summary>Writes <c>name.crt</c> and <c>name.key</c>.</summary>
    /// <param name="directory">Exists.</param>
    /// <param name="name">The files'.</param>
    /// <param name="chain">Instead of <see cref="Chain"/>.</param>
    public PemFiles Write(string directory, string name, string? chain = null)
    {
        var files = new PemFiles(Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
        File.WriteAllText(files.Chain, chain ?? Chain, Encoding.ASCII);
        File.Delete(files.Key);
        using var stream = new FileStream(files.Key, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        stream.Write(Encoding.ASCII.GetBytes(Key));
        return files;
    }

    /// <summary>Writes an OCSP response about it.</summary>
    public string WriteOcsp(string directory, string name, OcspAnswer? answer = null)
    {
        var file = Path.Combine(directory, name);
        File.WriteAllBytes(file, (answer ?? new OcspAnswer()).About(this));
        return file;
    }
}
