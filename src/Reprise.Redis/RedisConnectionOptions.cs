namespace Reprise.Redis;

/// <summary>Where a Redis is and how to be let in: the same keys in every section that names one.</summary>
public abstract class RedisConnectionOptions
{
    /// <summary>
    /// StackExchange.Redis connection string: <c>host:port[,host:port…][,option=value…]</c>. Several servers are seeds of one Cluster, or with
    /// <c>serviceName=</c> the Sentinels of one master; <c>ssl=true</c> is TLS, <c>user=</c> an ACL user. Empty: none.
    /// </summary>
    public string Redis { get; set; } = "";

    /// <summary>
    /// File whose first line is the password; keeps it out of the configuration. It is read at each connection, so a password that was
    /// rotated needs no restart. Default none.
    /// </summary>
    public string? PasswordFile { get; set; }

    /// <summary>The same for the Sentinels, if their password is another. Default none: that of the servers. Read at the start.</summary>
    public string? SentinelPasswordFile { get; set; }

    /// <summary>PEM file of the only authorities that may have signed the servers' certificates. Default none: those of the system.</summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>PEM file of the certificate, and what it was signed with, that this process shows to the servers. Default none.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file of its key, unencrypted. Default none.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>Makes paths absolute; what is empty is none.</summary>
    /// <param name="baseDirectory">What relative paths are relative to: the directory of the configuration file.</param>
    internal void Anchor(string baseDirectory)
    {
        PasswordFile = Absolute(PasswordFile);
        SentinelPasswordFile = Absolute(SentinelPasswordFile);
        CertificateAuthorityFile = Absolute(CertificateAuthorityFile);
        ClientCertificateFile = Absolute(ClientCertificateFile);
        ClientKeyFile = Absolute(ClientKeyFile);

        string? Absolute(string? path) => path is { Length: > 0 } ? Path.GetFullPath(path, baseDirectory) : null;
    }
}
