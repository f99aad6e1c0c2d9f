using System.Buffers.Binary;
using System.Text;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// The parts of a ClientHello that decide about resumption, read within the ClientHello callback. OpenSSL has split the
/// message into extensions with lengths checked; what is inside an extension is parsed here, any content being possible.
/// A malformed extension reads as absent: OpenSSL's own parser answers it with the right alert.
/// </summary>
internal readonly unsafe ref struct ClientHello(nint ssl)
{
    /// <summary>Length of our TLS 1.3 handles: OpenSSL's session IDs.</summary>
    public const int HandleLength = 32;

    /// <summary>0 to 32 bytes.</summary>
    public ReadOnlySpan<byte> SessionId
    {
        get
        {
            byte* start;
            var length = LibSsl.SSL_client_hello_get0_session_id(ssl, &start);
            return new ReadOnlySpan<byte>(start, (int)length);
        }
    }

    /// <summary>The host_name of server_name (RFC 6066 section 3) in lower case without a final dot; null if none.</summary>
    public string? ServerName
    {
        get
        {
            if (!TryGet(LibSsl.TLSEXT_TYPE_server_name, out var data) || !TryTakeVector(ref data, out var list) || data.Length != 0)
                return null;
            if (list.Length < 1 || list[0] != 0)
                return null;
            list = list[1..];
            if (!TryTakeVector(ref list, out var name) || name.Length is 0 or > 255)
                return null;
            if (name[^1] == '.')
                name = name[..^1];
            if (name.IsEmpty || name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
                return null;
            return string.Create(name.Length, name, static (text, name) => Ascii.ToLower(name, text, out _));
        }
    }

    /// <summary>Whether supported_versions (RFC 8446 section 4.2.1) lists TLS 1.3.</summary>
    public bool OffersTls13
    {
        get
        {
            if (!TryGet(LibSsl.TLSEXT_TYPE_supported_versions, out var data) || data.Length < 1 || data[0] != data.Length - 1)
                return false;
            for (data = data[1..]; data.Length >= 2; data = data[2..])
            {
                if (BinaryPrimitives.ReadUInt16BigEndian(data) == LibSsl.TLS1_3_VERSION)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The SessionTicket extension (RFC 5077 section 3.2): false if absent; empty if the client only supports it.</summary>
    public bool TryGetTicket(out ReadOnlySpan<byte> ticket) => TryGet(LibSsl.TLSEXT_TYPE_session_ticket, out ticket);

    /// <summary>
    /// Looks through the PSK identities (RFC 8446 section 4.2.11). <paramref name="handle"/> is the first one of our handles' shape,
    /// or empty: at most one lookup a handshake, whatever the client lists.
    /// </summary>
    /// <returns>Whether there is any identity.</returns>
    public bool TryGetPreSharedKeys(out ReadOnlySpan<byte> handle)
    {
        handle = default;
        if (!TryGet(LibSsl.TLSEXT_TYPE_psk, out var data) || !TryTakeVector(ref data, out var identities))
            return false;
        var any = false;
        while (TryTakeVector(ref identities, out var identity) && identities.Length >= sizeof(uint))
        {
            any = true;
            identities = identities[sizeof(uint)..]; // obfuscated_ticket_age
            if (identity.Length == HandleLength)
            {
                handle = identity;
                break;
            }
        }

        return any;
    }

    /// <summary>Whether psk_key_exchange_modes (RFC 8446 section 4.2.9) lists psk_dhe_ke, the one that is done here.</summary>
    public bool OffersPskWithDhe =>
        TryGet(LibSsl.TLSEXT_TYPE_psk_kex_modes, out var data) && data.Length > 1 && data[0] == data.Length - 1 && data[1..].Contains(LibSsl.TLSEXT_KEX_MODE_KE_DHE);

    private static bool TryTakeVector(scoped ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        if (data.Length < 2)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data);
        if (data.Length - 2 < length)
            return false;
        vector = data.Slice(2, length);
        data = data[(2 + length)..];
        return true;
    }

    private bool TryGet(uint type, out ReadOnlySpan<byte> data)
    {
        byte* start;
        nuint length;
        if (LibSsl.SSL_client_hello_get0_ext(ssl, type, &start, &length) != 1)
        {
            data = default;
            return false;
        }

        data = new ReadOnlySpan<byte>(start, (int)length);
        return true;
    }
}
