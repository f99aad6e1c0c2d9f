using System.Text.Json;

namespace Reprise.Cli.Cluster;

/// <summary><c>cluster.json</c>: how commands find a cluster.</summary>
internal static class ClusterFile
{
    public const string Name = "cluster.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a file; relative paths in it are taken from its own folder.</summary>
    /// <exception cref="CliException">There is none, or it is not one.</exception>
    public static ClusterDescription Read(string path)
    {
        try
        {
            var cluster = JsonSerializer.Deserialize<ClusterDescription>(File.ReadAllText(path), Json)
                ?? throw new JsonException("it is null");
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return cluster with
            {
                Pki = Resolve(cluster.Pki, folder),
                RedisPasswordFile = cluster.RedisPasswordFile is null ? null : Path.GetFullPath(cluster.RedisPasswordFile, folder),
            };
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"no cluster file {path}: start a cluster with `reprise up`, or name one with --cluster FILE", inner: failure);
        }
        catch (JsonException failure)
        {
            throw new CliException($"{path} is not a cluster file: {failure.Message}", inner: failure);
        }
    }

    public static void Write(string path, ClusterDescription cluster) => AtomicFile.Write(path, JsonSerializer.Serialize(cluster, Json) + "\n");

    private static PkiEntry Resolve(PkiEntry pki, string folder) => new(
        Path.GetFullPath(pki.Ca, folder),
        pki.AdminCert is null ? null : Path.GetFullPath(pki.AdminCert, folder),
        pki.AdminKey is null ? null : Path.GetFullPath(pki.AdminKey, folder));
}
