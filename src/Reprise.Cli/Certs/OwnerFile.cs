namespace Reprise.Cli.Certs;

/// <summary>New files with their mode given at creation: a secret is never readable by others, not for a moment.</summary>
internal static class OwnerFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode Everyone = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="IOException">There is one already.</exception>
    public static StreamWriter Create(string file, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        return new StreamWriter(file, System.Text.Encoding.ASCII, options);
    }
}
