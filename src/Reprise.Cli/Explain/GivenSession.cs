using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Reprise.KeyProtocol.V1;
using Reprise.Tls;

namespace Reprise.Cli.Explain;

/// <summary>What the operator has: of a session no more is taken, let alone sent, than its client shows in the clear.</summary>
/// <param name="Offer">Without profile.</param>
/// <param name="Source">In words: where it is from.</param>
internal sealed record GivenSession(SessionOffer Offer, string Source)
{
    private const int LongestFile = 1024 * 1024;
    private const int LongestSession = ushort.MaxValue;
    private const int LongestId = 32;
    private const string Label = "SSL SESSION PARAMETERS";

    /// <exception cref="CliException">It is neither text nor file of a session.</exception>
    public static GivenSession Read(string text)
    {
        if (File.Exists(text))
            return OfFile(text);
        var bytes = FromHex(text) ?? FromBase64(text);
        if (bytes is null)
            throw new CliException($"'{Shorten(text)}' is no file, and neither hexadecimal nor base64");
        if (bytes.Length is 0 or > LongestSession)
            throw new CliException($"a session ID has up to {LongestId} bytes, a ticket up to {LongestSession}; this has {bytes.Length}");
        return new GivenSession(new SessionOffer { Session = ByteString.CopyFrom(bytes) }, "as given");
    }

    private static GivenSession OfFile(string path)
    {
        if (new FileInfo(path).Length > LongestFile)
            throw new CliException($"{path} is too long for a session file");
        var bytes = File.ReadAllBytes(path);
        var text = new char[bytes.Length];
        byte[] der = [];
        try
        {
            Encoding.Latin1.GetChars(bytes, text);
            if (!PemEncoding.TryFind(text, out var pem) || !text.AsSpan(pem.Label).SequenceEqual(Label))
                throw new CliException($"{path} is no session file: it must hold -----BEGIN {Label}-----, as 'openssl s_client -sess_out' writes it");
            der = new byte[pem.DecodedDataLength];
            if (!Convert.TryFromBase64Chars(text.AsSpan(pem.Base64Data), der, out var length) || !SessionFacts.TryRead(der.AsMemory(0, length), out var facts))
                throw new CliException($"{path} is no session file: what it holds is no session of OpenSSL's");
            return Of(facts, path);
        }
        finally
        {
            // All three hold the master secret.
            CryptographicOperations.ZeroMemory(bytes);
            CryptographicOperations.ZeroMemory(der);
            text.AsSpan().Clear();
        }
    }

    private static GivenSession Of(SessionFacts facts, string path)
    {
        var kind = facts.Ticket.IsEmpty ? SessionKind.SessionId
            : facts.TlsVersion == 0x0304 && facts.Ticket.Length == LongestId ? SessionKind.Handle
            : SessionKind.Ticket;
        var session = kind is SessionKind.SessionId ? facts.SessionId : facts.Ticket;
        if (session.IsEmpty || (kind is SessionKind.SessionId && facts.TlsVersion == 0x0304))
            throw new CliException($"{path} has neither ticket nor session ID: its server gave its client nothing to come back with", ExitCode.Failed);
        return new GivenSession(
            new SessionOffer { Session = ByteString.CopyFrom(session.Span), Kind = kind, ServerName = facts.ServerName ?? "" },
            $"{(facts.TlsVersion == 0x0304 ? "TLS 1.3" : "TLS 1.2")} session of {path}{(facts.ServerName is { } name ? $", made with {name}" : "")}");
    }

    // As openssl prints it, as a packet analyser copies it, in pieces.
    private static byte[]? FromHex(string text)
    {
        var digits = string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not (':' or '-')));
        return digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }

    private static byte[]? FromBase64(string text)
    {
        var buffer = new byte[text.Length];
        if (Convert.TryFromBase64String(text, buffer, out var length))
            return buffer[..length];
        return Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : $"{text[..40]}…";
}
