using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.X509;

namespace Reprise.Cli.Certs;

/// <summary>
/// The cluster's PKI as PEM files: <c>NAME.crt</c> (mode 0644) and <c>NAME.key</c> (PKCS#8, mode 0600), and two secrets: the key
/// services' key-encryption key, and the token of their dashboards. Nothing that is there is overwritten but by a renewal. Files are made in a folder beside and moved into
/// place, <c>ca.crt</c> last: whoever sees it sees a complete PKI.
/// </summary>
internal sealed class PkiDirectory(string path, TimeProvider clock)
{
    public const string AuthorityName = "ca";

    /// <summary>What key services seal the stored epochs under: each of a cluster is given the same; nobody else needs it.</summary>
    public const string KeyEncryptionKeyName = "keys.kek";

    /// <summary>What signs an operator in at the dashboard; key services need it, and whoever is to sign in by it.</summary>
    public const string DashboardTokenName = "dashboard.token";

    private static readonly string[] Secrets = [KeyEncryptionKeyName, DashboardTokenName];

    private static readonly TimeSpan UsualLife = TimeSpan.FromDays(CertificateAuthority.LongestLife);

    public string FullPath { get; } = Path.GetFullPath(path);

    public bool Exists => File.Exists(CertificatePath(AuthorityName));

    public string CertificatePath(string name) => Path.Combine(FullPath, name + ".crt");

    public string KeyPath(string name) => Path.Combine(FullPath, name + ".key");

    public string SecretPath(string name) => Path.Combine(FullPath, name);

    /// <summary>Makes a new authority, all certificates of <paramref name="request"/> and the secrets; returns the certificates' names.</summary>
    /// <exception cref="CliException">There is a PKI, or part of one.</exception>
    public IReadOnlyList<string> Create(PkiRequest request)
    {
        if (Exists)
            throw new CliException($"{FullPath} holds a PKI already; nothing was changed", ExitCode.Failed);

        var roles = PkiRole.For(request);
        var secrets = roles.Select(role => KeyPath(role.Name)).Prepend(KeyPath(AuthorityName)).Concat(Secrets.Select(SecretPath));
        if (secrets.FirstOrDefault(File.Exists) is { } leftover)
            throw new CliException($"{leftover} is there without {CertificatePath(AuthorityName)}; move it away first", ExitCode.Failed);

        var now = clock.GetUtcNow();
        var root = CertificateAuthority.Create(now);
        var authority = new CertificateAuthority(root.Certificate, root.Key);
        WriteMissingSecrets();
        return Write([.. roles.Select(role => authority.Issue(role, now, UsualLife)), root], overwrite: false);
    }

    /// <summary>Issues what <paramref name="request"/> names and the PKI lacks, as when nodes are added; returns the new names.</summary>
    /// <exception cref="CliException">The authority's key is not there or cannot be read.</exception>
    public IReadOnlyList<string> IssueMissing(PkiRequest request)
    {
        WriteMissingSecrets();
        var missing = PkiRole.For(request).Where(role => !Has(role)).ToList();
        if (missing.Count == 0)
            return [];

        var authority = OpenAuthority(missing[0].Name, "; delete the folder to have a new PKI made");
        var now = clock.GetUtcNow();
        return Write([.. missing.Select(role => authority.Issue(role, now, UsualLife))], overwrite: false);
    }

    /// <summary>Issues one more certificate, or one with a new key in the place of one that is there.</summary>
    /// <exception cref="CliException">It is there already and is not to be renewed, or belongs to another role; or the authority cannot be used.</exception>
    public void Issue(PkiRole role, TimeSpan life, bool renew)
    {
        var there = new[] { CertificatePath(role.Name), KeyPath(role.Name) }.FirstOrDefault(File.Exists);
        if (there is not null && !renew)
            throw new CliException($"{there} is there already; nothing was changed (--renew puts a new one in its place)", ExitCode.Failed);
        if (File.Exists(CertificatePath(role.Name)) && IdentityIn(CertificatePath(role.Name)) is { } former && former != role.Uri)
            throw new CliException($"{CertificatePath(role.Name)} is of {former}; nothing was changed: another role needs another name", ExitCode.Failed);

        var authority = OpenAuthority(role.Name, "");
        Write([authority.Issue(role, clock.GetUtcNow(), life)], overwrite: renew);
    }

    private bool Has(PkiRole role) => File.Exists(CertificatePath(role.Name)) && File.Exists(KeyPath(role.Name));

    private static string? IdentityIn(string file) => CertificateFacts.ReadFile(file)[0].Uri;

    private CertificateAuthority OpenAuthority(string wanted, string remedy)
    {
        try
        {
            var certificate = (X509Certificate)ReadPem(CertificatePath(AuthorityName));
            var key = (AsymmetricKeyParameter)ReadPem(KeyPath(AuthorityName));
            return new(certificate, key);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidCastException or PemException)
        {
            throw new CliException($"{wanted}.crt cannot be issued by the authority in {FullPath}: {failure.Message}{remedy}", inner: failure);
        }
    }

    private static object ReadPem(string file)
    {
        using var reader = new PemReader(new StreamReader(file));
        return reader.ReadObject() ?? throw new PemException($"{file} is not PEM");
    }

    private List<string> Write(IReadOnlyList<IssuedCertificate> certificates, bool overwrite)
    {
        var making = NewFolder();
        try
        {
            foreach (var made in certificates)
            {
                WritePem(Path.Combine(making.FullName, made.Name + ".key"), new Pkcs8Generator(made.Key), OwnerFile.OwnerOnly);
                WritePem(Path.Combine(making.FullName, made.Name + ".crt"), made.Certificate, OwnerFile.Everyone);
            }

            foreach (var made in certificates)
            {
                File.Move(Path.Combine(making.FullName, made.Name + ".key"), KeyPath(made.Name), overwrite);
                File.Move(Path.Combine(making.FullName, made.Name + ".crt"), CertificatePath(made.Name), overwrite);
            }
        }
        finally
        {
            making.Delete(recursive: true);
        }

        return [.. certificates.Select(made => made.Name)];
    }

    private void WriteMissingSecrets()
    {
        var missing = Secrets.Where(name => !File.Exists(SecretPath(name))).ToList();
        if (missing.Count == 0)
            return;
        var making = NewFolder();
        try
        {
            foreach (var name in missing)
            {
                SecretFile.Write(Path.Combine(making.FullName, name));
                File.Move(Path.Combine(making.FullName, name), SecretPath(name));
            }
        }
        finally
        {
            making.Delete(recursive: true);
        }
    }

    private DirectoryInfo NewFolder()
    {
        Directory.CreateDirectory(FullPath);
        return Directory.CreateDirectory(Path.Combine(FullPath, ".making-" + Path.GetRandomFileName()));
    }

    private static void WritePem(string file, object content, UnixFileMode mode)
    {
        using var writer = new PemWriter(OwnerFile.Create(file, mode));
        writer.WriteObject(content);
    }
}
