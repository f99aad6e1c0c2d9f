using System.Security.Cryptography.X509Certificates;

namespace Reprise.Cli.Probe.Clients;

/// <summary>The check of a server's chain that Bouncy Castle leaves to its caller.</summary>
internal static class ServerTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <param name="chain">DER, the server's own first.</param>
    /// <param name="target">Names the host and the CA.</param>
    /// <returns>Why not; null if it is trusted.</returns>
    public static string? Refuse(IReadOnlyList<byte[]> chain, ProbeTarget target)
    {
        if (chain.Count == 0)
            return "it sent none";

        using var builder = new X509Chain();
        if (target.AuthorityFile is { } authority)
        {
            builder.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            builder.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        }

        builder.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        builder.ChainPolicy.DisableCertificateDownloads = true;
        builder.ChainPolicy.ApplicationPolicy.Add(new(ServerAuthentication));
        foreach (var der in chain.Skip(1))
            builder.ChainPolicy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(der));

        using var server = X509CertificateLoader.LoadCertificate(chain[0]);
        if (!builder.Build(server))
            return string.Join("; ", builder.ChainStatus.Select(status => status.StatusInformation.Trim()));
        return server.MatchesHostname(target.ServerName) ? null : $"it is not for {target.ServerName}";
    }
}
