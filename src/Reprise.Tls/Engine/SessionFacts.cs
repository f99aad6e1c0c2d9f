using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Text;

namespace Reprise.Tls;

/// <summary>
/// What an SSL_SESSION says of itself, read off its DER (ssl_asn1.c) without OpenSSL: from a session file of a client, or of a session that
/// was opened for a look. The master secret and the client's certificate are passed over, not read.
/// </summary>
public sealed record SessionFacts
{
    private const int LongestName = 255;

    /// <summary>As on the wire: 0x0303, 0x0304.</summary>
    public ushort TlsVersion { get; private init; }

    /// <summary>As IANA numbers them.</summary>
    public ushort CipherSuite { get; private init; }

    /// <summary>Up to 32 bytes. A client makes one up for a session that has a ticket.</summary>
    public ReadOnlyMemory<byte> SessionId { get; private init; }

    /// <summary>In a client's session: its ticket; empty if it has none.</summary>
    public ReadOnlyMemory<byte> Ticket { get; private init; }

    /// <summary>In a client's session: the SNI that it was made with; null if none.</summary>
    public string? ServerName { get; private init; }

    /// <summary>When it was made or renewed, to the second.</summary>
    public DateTimeOffset MadeAt { get; private init; }

    /// <summary>How long it is good from then.</summary>
    public TimeSpan Timeout { get; private init; }

    /// <summary>In a server's session: what it may be resumed into.</summary>
    public ReadOnlyMemory<byte> SessionIdContext { get; private init; }

    /// <summary>In a server's session: whether the client has shown a certificate.</summary>
    public bool HasPeer { get; private init; }

    public bool ExtendedMasterSecret { get; private init; }

    /// <summary>In a ticket of ours: what <see cref="NewTicket.State"/> was.</summary>
    public ReadOnlyMemory<byte> ApplicationData { get; private init; }

    /// <summary>What is read lies in memory of its own, which holds no secret.</summary>
    /// <param name="der">Any bytes.</param>
    /// <param name="facts">Null if they are no session.</param>
    public static bool TryRead(ReadOnlyMemory<byte> der, [NotNullWhen(true)] out SessionFacts? facts)
    {
        facts = null;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            var session = outer.ReadSequence();
            if (outer.HasData || !session.TryReadInt32(out var format) || format != 1 || !session.TryReadInt32(out var version) || version is not (0x0303 or 0x0304))
                return false;
            var cipher = session.ReadOctetString();
            var id = session.ReadOctetString();
            if (cipher.Length != 2 || id.Length > 32)
                return false;
            session.ReadEncodedValue(); // the master secret
            facts = ReadOptional(session, new SessionFacts { TlsVersion = (ushort)version, CipherSuite = BinaryPrimitives.ReadUInt16BigEndian(cipher), SessionId = id });
            return true;
        }
        catch (Exception fault) when (fault is AsnContentException or OverflowException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    private static SessionFacts ReadOptional(AsnReader session, SessionFacts facts)
    {
        while (session.HasData)
        {
            var tag = session.PeekTag();
            if (tag.TagClass is not TagClass.ContextSpecific || tag.TagValue is not (1 or 2 or 3 or 4 or 6 or 10 or 13 or 18))
            {
                session.ReadEncodedValue();
                continue;
            }

            if (tag.TagValue == 3)
            {
                session.ReadEncodedValue();
                facts = facts with { HasPeer = true };
                continue;
            }

            var field = session.ReadSequence(tag); // [n] EXPLICIT
            facts = tag.TagValue switch
            {
                1 => facts with { MadeAt = DateTimeOffset.FromUnixTimeSeconds(ReadNumber(field)) },
                2 => facts with { Timeout = TimeSpan.FromSeconds(ReadNumber(field)) },
                4 => facts with { SessionIdContext = field.ReadOctetString() },
                6 => facts with { ServerName = Name(field.ReadOctetString()) },
                10 => facts with { Ticket = field.ReadOctetString() },
                13 => facts with { ExtendedMasterSecret = (ReadNumber(field) & 1) != 0 }, // SSL_SESS_FLAG_EXTMS
                _ => facts with { ApplicationData = field.ReadOctetString() },
            };
            field.ThrowIfNotEmpty();
        }

        return facts;
    }

    private static long ReadNumber(AsnReader field) => field.TryReadInt64(out var number) ? number : throw new AsnContentException();

    private static string? Name(byte[] name) => name.Length is > 0 and <= LongestName && !name.AsSpan().ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) ? Encoding.ASCII.GetString(name) : null;
}
