using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Reprise.KeyService.Dashboard.SignIn;

/// <summary>The token in <see cref="DashboardOptions.TokenFile"/>. Never logged; compared in fixed time.</summary>
internal sealed class AccessToken
{
    /// <summary>What is allowed in the file.</summary>
    public const string Allowed = "a file with 32 to 512 printable ASCII characters without spaces, as `openssl rand -hex 32` makes them";

    private const int Shortest = 32;
    private const int Longest = 512;

    private static readonly SearchValues<byte> s_printable = SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (byte)c)]);

    private readonly byte[] _text;

    private AccessToken(byte[] text) => _text = text;

    /// <summary>Reads it, without the white space around it.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="token">Set on success.</param>
    /// <param name="reason">On failure, why, in a few words that show nothing of the contents.</param>
    public static bool TryRead(string file, [NotNullWhen(true)] out AccessToken? token, [NotNullWhen(false)] out string? reason)
    {
        token = null;
        try
        {
            // Sized by what is there, so that a file of another kind is not read into memory.
            if (new FileInfo(file).Length > 2 * Longest)
            {
                reason = "is too long";
                return false;
            }

            var text = File.ReadAllBytes(file).AsSpan().Trim(" \t\r\n"u8);
            reason = text.Length < Shortest ? $"holds fewer than {Shortest} characters"
                : text.Length > Longest ? "is too long"
                : text.ContainsAnyExcept(s_printable) ? "holds something that is no printable ASCII character"
                : text.IndexOfAnyExcept(text[0]) < 0 ? "holds one character repeated"
                : null;
            if (reason is null)
                token = new AccessToken(text.ToArray());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            reason = "cannot be read";
        }

        return reason is null;
    }

    /// <summary>Whether that is it. In fixed time but for the length, which is no secret.</summary>
    public bool Is(ReadOnlySpan<char> given)
    {
        if (given.Length > Longest)
            return false;
        Span<byte> bytes = stackalloc byte[Longest * 3];
        return CryptographicOperations.FixedTimeEquals(_text, bytes[..System.Text.Encoding.UTF8.GetBytes(given, bytes)]);
    }

    /// <summary>Whether both are the same.</summary>
    public bool Is(AccessToken other) => CryptographicOperations.FixedTimeEquals(_text, other._text);

    /// <summary>Nothing of it.</summary>
    public override string ToString() => "(token)";
}
