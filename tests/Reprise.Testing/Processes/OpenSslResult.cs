using System.Globalization;
using System.Text.RegularExpressions;

namespace Reprise.Testing;

public enum HandshakeKind
{
    /// <summary>The handshake did not complete.</summary>
    None,
    Full,
    Resumed,
}

/// <summary>What <c>openssl s_client</c> said.</summary>
public sealed partial class OpenSslResult
{
    internal OpenSslResult(int exitCode, string output)
    {
        ExitCode = exitCode;
        Output = output;
        var kind = KindLine().Match(output);
        // A chain that does not hold ends the handshake after the cipher is known: s_client prints its line all the same.
        var failed = output.Contains("certificate verify failed", StringComparison.Ordinal);
        Kind = failed || !kind.Success || kind.Groups["cipher"].Value == "(NONE)" ? HandshakeKind.None
            : kind.Groups["kind"].Value == "Reused" ? HandshakeKind.Resumed : HandshakeKind.Full;
        Protocol = Kind == HandshakeKind.None ? "" : kind.Groups["protocol"].Value;
        Cipher = Kind == HandshakeKind.None ? "" : kind.Groups["cipher"].Value;

        // The last block: in TLS 1.3 each ticket prints one, and the session written is the last.
        SessionId = Last(SessionIdLine(), output) ?? "";
        HasTicket = TicketLine().IsMatch(output);
        Ticket = Convert.FromHexString(string.Concat(TicketDump().Match(output).Groups["hex"].Captures.SelectMany(line => line.Value.Where(char.IsAsciiHexDigit))));
        TicketLifetimeHint = Last(HintLine(), output) is { } hint ? TimeSpan.FromSeconds(long.Parse(hint, CultureInfo.InvariantCulture)) : null;
        Tickets = TicketArrived().Count(output);
        Alpn = Last(AlpnLine(), output);
        VerifyCode = Last(VerifyLine(), output) is { } code ? int.Parse(code, CultureInfo.InvariantCulture) : null;
        ExtendedMasterSecret = EmsLine().Match(output) is { Success: true } ems ? ems.Groups[1].Value == "yes" : null;
        PeerCertificate = CertificateBlock().Match(output) is { Success: true } pem ? pem.Value : null;
        Response = ResponseText().Match(output) is { Success: true } response ? response.Value : null;
    }

    public int ExitCode { get; }

    /// <summary>Both streams.</summary>
    public string Output { get; }

    public HandshakeKind Kind { get; }

    /// <summary><c>TLSv1.2</c>, <c>TLSv1.3</c>, or empty.</summary>
    public string Protocol { get; }

    public string Cipher { get; }

    /// <summary>Upper-case hex; empty where the server gave none.</summary>
    public string SessionId { get; }

    /// <summary>The session has a ticket: sent now, or kept from the session that was resumed.</summary>
    public bool HasTicket { get; }

    /// <summary>The first one printed: of a TLS 1.2 handshake its only one. Empty without.</summary>
    public byte[] Ticket { get; }

    /// <summary>Of the last ticket; null without one.</summary>
    public TimeSpan? TicketLifetimeHint { get; }

    /// <summary>NewSessionTicket messages of TLS 1.3.</summary>
    public int Tickets { get; }

    public string? Alpn { get; }

    /// <summary>0 is a chain that holds to the authority given.</summary>
    public int? VerifyCode { get; }

    public bool? ExtendedMasterSecret { get; }

    /// <summary>PEM of the leaf. Null also on a resumption, in which none is sent.</summary>
    public string? PeerCertificate { get; }

    /// <summary>From <c>HTTP/1.</c> on, where a request was sent and answered; may have the client's own lines in it.</summary>
    public string? Response { get; }

    public override string ToString() => $"{Kind} {Protocol} {Cipher}, exit {ExitCode}\n{Output}";

    internal static bool HandshakeReported(string output) => KindLine().IsMatch(output) && VerifyLine().IsMatch(output);

    internal static bool TicketReported(string output) => TicketArrived().IsMatch(output) && VerifyLine().IsMatch(output);

    internal static bool IsTls13(string output) => KindLine().Match(output).Groups["protocol"].Value == "TLSv1.3";

    private static string? Last(Regex pattern, string output) =>
        pattern.Matches(output) is { Count: > 0 } matches ? matches[^1].Groups[1].Value : null;

    [GeneratedRegex(@"^(?<kind>New|Reused), (?<protocol>\S+), Cipher is (?<cipher>\S+)", RegexOptions.Multiline)]
    private static partial Regex KindLine();

    [GeneratedRegex(@"^ +Session-ID: ([0-9A-F]*)$", RegexOptions.Multiline)]
    private static partial Regex SessionIdLine();

    [GeneratedRegex(@"^ +TLS session ticket:", RegexOptions.Multiline)]
    private static partial Regex TicketLine();

    [GeneratedRegex(@"^ +TLS session ticket:\n(?: +[0-9a-f]{4} - (?<hex>(?:[0-9a-f]{2}[ -]){1,16}).*\n)+", RegexOptions.Multiline)]
    private static partial Regex TicketDump();

    [GeneratedRegex(@"^ +TLS session ticket lifetime hint: (\d+)", RegexOptions.Multiline)]
    private static partial Regex HintLine();

    [GeneratedRegex(@"^Post-Handshake New Session Ticket arrived:", RegexOptions.Multiline)]
    private static partial Regex TicketArrived();

    [GeneratedRegex(@"^ALPN protocol: (\S+)", RegexOptions.Multiline)]
    private static partial Regex AlpnLine();

    [GeneratedRegex(@"Verify return code: (\d+)", RegexOptions.Multiline)]
    private static partial Regex VerifyLine();

    [GeneratedRegex(@"Extended master secret: (yes|no)", RegexOptions.Multiline)]
    private static partial Regex EmsLine();

    [GeneratedRegex(@"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", RegexOptions.Singleline)]
    private static partial Regex CertificateBlock();

    // Anywhere in a line: what s_client prints of a long ticket may come in pieces.
    [GeneratedRegex(@"HTTP/1\.[01] [0-9]{3} .*", RegexOptions.Singleline)]
    private static partial Regex ResponseText();
}
