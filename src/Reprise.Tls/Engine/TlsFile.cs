namespace Reprise.Tls;

/// <summary>Bytes of a file, none of them secret, and what an error message calls it.</summary>
/// <param name="Bytes">PEM; lists also as DER.</param>
/// <param name="Name">A configuration key with the file's name.</param>
public sealed record TlsFile(ReadOnlyMemory<byte> Bytes, string Name)
{
    public override string ToString() => Name;
}
