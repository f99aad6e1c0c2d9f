using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.X509;

namespace Reprise.Cli.Certs;

/// <summary>
/// The cluster's PKI as PEM files: <c>NAME.crt</c> (mode 0644) and <c>NAME.key</c> (PKCS#8, mode 0600). Nothing that is
/// there is ever overwritten. Files are made in a folder beside and moved into place, <c>ca.crt</c> last: whoever sees it
/// sees a complete PKI.
/// </summary>
internal sealed class PkiDirectory(string path, TimeProvider clock)
{
    public const string AuthorityName = "ca";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everyone = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public string FullPath { get; } = Path.GetFullPath(path);

    public bool Exists => File.Exists(CertificatePath(AuthorityName));

    public string CertificatePath(string name) => Path.Combine(FullPath, name + ".crt");

    public string KeyPath(string name) => Path.Combine(FullPath, name + ".key");

    /// <summary>Makes a new authority and all certificates of <paramref name="request"/>; returns their names.</summary>
    /// <exception cref="CliException">There is a PKI, or part of one.</exception>
    public IReadOnlyList<string> Create(PkiRequest request)
    {
        if (Exists)
            throw new CliException($"{FullPath} holds a PKI already; nothing was changed", ExitCode.Failed);

        var roles = PkiRole.For(request);
        var leftover = roles.Select(role => KeyPath(role.Name)).Prepend(KeyPath(AuthorityName)).FirstOrDefault(File.Exists);
        if (leftover is not null)
            throw new CliException($"{leftover} is there without {CertificatePath(AuthorityName)}; move it away first", ExitCode.Failed);

        var now = clock.GetUtcNow();
        var root = CertificateAuthority.Create(now);
        var authority = new CertificateAuthority(root.Certificate, root.Key);
        return Write([.. roles.Select(role => authority.Issue(role, now)), root]);
    }

    /// <summary>Issues what <paramref name="request"/> names and the PKI lacks, as when nodes are added; returns the new names.</summary>
    /// <exception cref="CliException">The authority's key is not there or cannot be read.</exception>
    public IReadOnlyList<string> IssueMissing(PkiRequest request)
    {
        var missing = PkiRole.For(request)
            .Where(role => !File.Exists(CertificatePath(role.Name)) || !File.Exists(KeyPath(role.Name))).ToList();
        if (missing.Count == 0)
            return [];

        var authority = OpenAuthority(missing[0].Name);
        var now = clock.GetUtcNow();
        return Write([.. missing.Select(role => authority.Issue(role, now))]);
    }

    private CertificateAuthority OpenAuthority(string wanted)
    {
        try
        {
            var certificate = (X509Certificate)ReadPem(CertificatePath(AuthorityName));
            var key = (AsymmetricKeyParameter)ReadPem(KeyPath(AuthorityName));
            return new(certificate, key);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidCastException or PemException)
        {
            throw new CliException($"{FullPath} lacks {wanted}.crt, and its authority cannot issue it: {failure.Message}; delete the folder to have a new PKI made", inner: failure);
        }
    }

    private static object ReadPem(string file)
    {
        using var reader = new PemReader(new StreamReader(file));
        return reader.ReadObject() ?? throw new PemException($"{file} is not PEM");
    }

    private List<string> Write(IReadOnlyList<IssuedCertificate> certificates)
    {
        Directory.CreateDirectory(FullPath);
        var making = Directory.CreateDirectory(Path.Combine(FullPath, ".making-" + Path.GetRandomFileName()));
        try
        {
            foreach (var made in certificates)
            {
                WritePem(Path.Combine(making.FullName, made.Name + ".key"), new Pkcs8Generator(made.Key), OwnerOnly);
                WritePem(Path.Combine(making.FullName, made.Name + ".crt"), made.Certificate, Everyone);
            }

            foreach (var made in certificates)
            {
                File.Move(Path.Combine(making.FullName, made.Name + ".key"), KeyPath(made.Name));
                File.Move(Path.Combine(making.FullName, made.Name + ".crt"), CertificatePath(made.Name));
            }
        }
        finally
        {
            making.Delete(recursive: true);
        }

        return [.. certificates.Select(made => made.Name)];
    }

    private static void WritePem(string file, object content, UnixFileMode mode)
    {
        // The mode is given at creation: a key is never readable by others, not for a moment.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using var writer = new PemWriter(new StreamWriter(file, Encoding.ASCII, options));
        writer.WriteObject(content);
    }
}
