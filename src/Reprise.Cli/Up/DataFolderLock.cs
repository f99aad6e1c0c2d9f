namespace Reprise.Cli.Up;

/// <summary>One `up` per data folder. The lock is the kernel's: it is gone with the process, however that ends.</summary>
internal sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="CliException">Another process has it.</exception>
    public static DataFolderLock Take(string folder)
    {
        try
        {
            return new(new FileStream(Path.Combine(folder, "up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure) when (failure is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new CliException($"another `reprise up` uses {folder}; stop it, or choose another folder with --data", inner: failure);
        }
    }

    public void Dispose() => _file.Dispose();
}
