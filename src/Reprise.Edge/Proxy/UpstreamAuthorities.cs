using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Configuration;

namespace Reprise.Edge.Proxy;

/// <summary>
/// The only CAs that may have signed the certificates of a cluster's servers. They stand in the cluster's metadata: there as a file, here
/// as its content, so that a changed file is a changed cluster.
/// </summary>
internal static class UpstreamAuthorities
{
    public const string Key = "Authorities";

    /// <summary>Puts the file's content in the place of its path.</summary>
    public static ClusterConfig Load(List<string> failures, string key, ClusterConfig cluster, Func<string, string> resolve)
    {
        if (cluster.Metadata?.GetValueOrDefault(Key) is not { } path)
            return cluster;
        try
        {
            var pem = File.ReadAllText(resolve(path));
            if (Parse(pem).Count > 0)
                return cluster with { Metadata = new Dictionary<string, string>(cluster.Metadata, StringComparer.OrdinalIgnoreCase) { [Key] = pem } };
            failures.Add($"{key} is '{path}', without a certificate; allowed: a PEM file of CA certificates");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            failures.Add($"{key} is '{path}'; allowed: a readable PEM file of CA certificates ({fault.Message.ReplaceLineEndings(" ")})");
        }

        return cluster;
    }

    /// <exception cref="CryptographicException">It is not PEM.</exception>
    public static X509Certificate2Collection Parse(string pem)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities;
    }
}
