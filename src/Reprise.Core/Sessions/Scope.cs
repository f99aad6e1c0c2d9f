using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Reprise.Core.Sessions;

/// <summary>
/// What a session may be resumed into: SHA-256 over profile, policy and server identity. It is the session-id
/// context of each connection, part of every key derivation and of every AAD.
/// </summary>
public sealed class Scope : IEquatable<Scope>
{
    /// <summary>Length in bytes; OpenSSL's session-id context holds as many.</summary>
    public const int Length = 32;

    private readonly byte[] _bytes;

    private Scope(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The first four bytes: enough to tell the scopes of a cluster apart in a log or in a header, and no more than that.</summary>
    public uint Tag => BinaryPrimitives.ReadUInt32BigEndian(_bytes);

    /// <summary>Hashes the parts, each with its name and length before it, so that no two lists run into each other.</summary>
    public static Scope Of(ScopeParts parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("reprise scope v1"u8);
        Append(hash, "profile", [parts.Profile]);
        Append(hash, "policy-generation", [parts.PolicyGeneration.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Append(hash, "server-keys", parts.ServerKeys.Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        Append(hash, "hosts", parts.Hosts.Order(StringComparer.Ordinal));
        Append(hash, "client-auth", [parts.ClientAuth]);
        Append(hash, "client-authorities", parts.ClientAuthorities.Select(Convert.ToHexString).Order(StringComparer.Ordinal));
        Append(hash, "alpn", parts.Alpn);
        Append(hash, "tls-policy", [parts.TlsPolicy]);
        return new Scope(hash.GetHashAndReset());
    }

    public bool Equals(Scope? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as Scope);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    /// <summary>The <see cref="Tag"/>, eight hex digits.</summary>
    public override string ToString() => FormatTag(Tag);

    public static string FormatTag(uint tag) => tag.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);

    private static void Append(IncrementalHash hash, string name, IEnumerable<string> values)
    {
        AppendString(hash, name);
        var list = values.ToList();
        AppendNumber(hash, list.Count);
        foreach (var value in list)
            AppendString(hash, value);
    }

    private static void AppendString(IncrementalHash hash, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        AppendNumber(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendNumber(IncrementalHash hash, int value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, value);
        hash.AppendData(number);
    }
}
