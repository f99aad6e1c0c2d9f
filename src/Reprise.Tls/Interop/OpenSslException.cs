using System.Text;

namespace Reprise.Tls.Interop;

/// <summary>A call of OpenSSL failed, or OpenSSL is not usable here. The message is one line.</summary>
public sealed class OpenSslException : Exception
{
    public OpenSslException(string message)
        : base(message)
    {
    }

    /// <summary>Drains the thread's error queue into one exception: <paramref name="doing"/>: first reason; further reasons.</summary>
    internal static unsafe OpenSslException FromQueue(string doing)
    {
        var text = new StringBuilder(doing);
        Span<byte> buffer = stackalloc byte[256];
        var separator = ": ";
        while (LibCrypto.ERR_get_error() is var code and not 0)
        {
            fixed (byte* start = buffer)
                LibCrypto.ERR_error_string_n(code, start, (nuint)buffer.Length);
            text.Append(separator).Append(Encoding.UTF8.GetString(buffer[..buffer.IndexOf((byte)0)]));
            separator = "; ";
        }

        return new OpenSslException(text.ToString());
    }
}
