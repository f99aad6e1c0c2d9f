namespace Reprise.Testing;

/// <summary>A directory of this test's own, mode 0700, gone with it.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("reprise-");

    /// <summary>Absolute.</summary>
    public string Path => _directory.FullName;

    public string File(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes a file in it and gives its absolute path; directories between are made.</summary>
    public string Write(string name, string content)
    {
        var path = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    public void Dispose()
    {
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process that the test killed may still be writing; the system's own cleaning takes what is left.
        }
    }
}
