using System.Security.Cryptography;
using System.Text;

namespace Reprise.Edge.Certificates;

/// <summary>What opens a key: the first line of a file, as bytes that are zeroed in the end and never a string.</summary>
internal sealed class Passphrase : IDisposable
{
    private const int MostBytes = 1024; // OpenSSL's own limit

    private readonly byte[] _buffer = GC.AllocateArray<byte>(MostBytes + 2, pinned: true);
    private int _length;

    private Passphrase()
    {
    }

    /// <summary>Empty without a file.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <exception cref="IOException">It cannot be read, or its first line is empty or too long.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not.</exception>
    public static Passphrase Read(string? file)
    {
        var passphrase = new Passphrase();
        try
        {
            if (file is not null)
                passphrase.ReadLine(file);
            return passphrase;
        }
        catch
        {
            passphrase.Dispose();
            throw;
        }
    }

    /// <summary>As UTF-8 reads; the caller zeroes it.</summary>
    public char[] ToChars()
    {
        var chars = GC.AllocateArray<char>(Encoding.UTF8.GetCharCount(Bytes), pinned: true);
        Encoding.UTF8.GetChars(Bytes, chars);
        return chars;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_buffer);

    private void ReadLine(string file)
    {
        using (var handle = File.OpenHandle(file))
        {
            while (_length < _buffer.Length && RandomAccess.Read(handle, _buffer.AsSpan(_length), _length) is > 0 and var read)
                _length += read;
        }

        if (Bytes.IndexOf((byte)'\n') is >= 0 and var end)
            _length = end;
        if (_length > 0 && _buffer[_length - 1] == '\r')
            _length--;
        if (_length is 0 or > MostBytes)
            throw new IOException($"its first line has {(_length == 0 ? "nothing in it" : $"more than {MostBytes} bytes")}");
    }
}
