using System.Security.Cryptography;

namespace Reprise.Core.Sessions;

/// <summary>
/// Where a session is stored: a truncated SHA-256 of its handle, so that reading the store does not tell what to present.
/// Session IDs and handles lead to different places. An ID travels in the clear and is looked up again and again, a handle is
/// removed when looked up; in one place, whoever saw an ID could offer it as a handle and so remove its session.
/// </summary>
public readonly record struct SessionKey
{
    /// <summary>What every such key matches, as Redis' SCAN reads it.</summary>
    public const string Pattern = "reprise:s:*";

    private const string Prefix = "reprise:s:{";
    private const int HashLength = 16;

    private SessionKey(string text) => Text = text;

    /// <summary>The key's text: <c>reprise:s:{32 hex digits}</c>. The braces are Redis' hash tag.</summary>
    public string Text { get; }

    /// <param name="id">Of TLS 1.2; any bytes.</param>
    public static SessionKey OfSessionId(ReadOnlySpan<byte> id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(id, hash);
        return OfHash(hash);
    }

    /// <param name="handle">Of TLS 1.3; any bytes.</param>
    public static SessionKey OfHandle(ReadOnlySpan<byte> handle)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData("reprise handle v1"u8, handle, hash);
        return OfHash(hash);
    }

    public override string ToString() => Text;

    private static SessionKey OfHash(ReadOnlySpan<byte> hash)
    {
        Span<char> text = stackalloc char[Prefix.Length + 2 * HashLength + 1];
        Prefix.CopyTo(text);
        Convert.TryToHexStringLower(hash[..HashLength], text[Prefix.Length..], out _);
        text[^1] = '}';
        return new SessionKey(new string(text));
    }
}
