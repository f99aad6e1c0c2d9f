namespace Reprise.Cli.Cluster;

/// <summary>Writes files that others wait for: a reader sees all of it or nothing.</summary>
internal static class AtomicFile
{
    public static void Write(string path, string content)
    {
        var making = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllText(making, content);
        File.Move(making, path, overwrite: true);
    }
}
