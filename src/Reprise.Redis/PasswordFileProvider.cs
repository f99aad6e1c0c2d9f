using StackExchange.Redis.Configuration;

namespace Reprise.Redis;

/// <summary>Reads the password at each connection, so that one that was rotated is used without a restart.</summary>
internal sealed class PasswordFileProvider(string file) : DefaultOptionsProvider
{
    private string? _last;

    /// <summary>As of now; while the file cannot be read, as it was.</summary>
    public override string? Password
    {
        get
        {
            try
            {
                return _last = Read(file);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return _last;
            }
        }
    }

    private static string? Read(string file) => File.ReadLines(file).FirstOrDefault()?.Trim();
}
