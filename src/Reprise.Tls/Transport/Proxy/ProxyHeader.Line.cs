namespace Reprise.Tls;

internal readonly partial struct ProxyHeader
{
    private static ReadOnlySpan<byte> LineStart => "PROXY "u8;

    private static ProxyHeaderStep ParseLine(ReadOnlySpan<byte> data, out ProxyHeader header)
    {
        header = default;
        var start = Math.Min(data.Length, LineStart.Length);
        if (!data[..start].SequenceEqual(LineStart[..start]))
            return ProxyHeaderStep.None;
        var seen = data[..Math.Min(data.Length, MaxLineLength)];
        var end = seen.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 || seen[end] == '\r' && end + 1 == seen.Length)
            return seen.Length < MaxLineLength ? ProxyHeaderStep.NeedsInput : ProxyHeaderStep.Malformed;
        if (seen[end] != '\r' || seen[end + 1] != '\n')
            return ProxyHeaderStep.Malformed; // neither may stand alone
        return ParseFields(seen[LineStart.Length..end], end + 2, out header) ? ProxyHeaderStep.Complete : ProxyHeaderStep.Malformed;
    }

    private static bool ParseFields(ReadOnlySpan<byte> fields, int length, out ProxyHeader header)
    {
        header = new ProxyHeader(length);
        var protocol = Next(ref fields, out var more);
        if (protocol.SequenceEqual("UNKNOWN"u8))
            return true; // whatever follows is to be ignored
        var v6 = protocol.SequenceEqual("TCP6"u8);
        if (!more || !v6 && !protocol.SequenceEqual("TCP4"u8) ||
            !TryReadAddress(Next(ref fields, out more), v6, out var source) || !more ||
            !TryReadAddress(Next(ref fields, out more), v6, out var destination) || !more ||
            !TryReadNumber(Next(ref fields, out more), 65535, out var sourcePort) || !more ||
            !TryReadNumber(Next(ref fields, out more), 65535, out var destinationPort) || more)
        {
            return false;
        }

        header = new ProxyHeader(length, v6, source, destination, (ushort)sourcePort, (ushort)destinationPort);
        return true;
    }

    /// <summary>Up to the next space, which is taken too.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> fields, out bool more)
    {
        var space = fields.IndexOf((byte)' ');
        more = space >= 0;
        var field = more ? fields[..space] : fields;
        fields = more ? fields[(space + 1)..] : default;
        return field;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool v6, out UInt128 address)
    {
        address = 0;
        if (v6)
            return TryReadV6(text, out address);
        if (!TryReadV4(text, out var v4))
            return false;
        address = v4;
        return true;
    }

    private static bool TryReadV4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        for (var part = 0; part < 4; part++)
        {
            var dot = part < 3 ? text.IndexOf((byte)'.') : text.Length;
            if (dot < 0 || !TryReadNumber(text[..dot], 255, out var number))
                return false;
            address = address << 8 | (uint)number;
            text = part < 3 ? text[(dot + 1)..] : default;
        }

        return true;
    }

    /// <summary>Groups of up to four digits with one "::" at most; the last two may be an IPv4 address, as inet_ntop(3) writes some.</summary>
    private static bool TryReadV6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = 0;
        var gap = -1; // number of groups before "::"
        var groups = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            text = text[2..];
        }

        while (!text.IsEmpty)
        {
            var colon = text.IndexOf((byte)':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && group.Contains((byte)'.'))
            {
                if (groups > 6 || !TryReadV4(group, out var v4))
                    return false;
                address = address << 32 | v4;
                groups += 2;
                break;
            }

            if (groups == 8 || !TryReadGroup(group, out var number))
                return false;
            address = address << 16 | number;
            groups++;
            if (colon < 0)
                break;
            text = text[(colon + 1)..];
            if (text.IsEmpty)
                return false; // one colon at the end
            if (text[0] != ':')
                continue;
            if (gap >= 0)
                return false;
            gap = groups;
            text = text[1..];
        }

        if (gap < 0)
            return groups == 8;
        if (groups > 7)
            return false;
        var after = 16 * (groups - gap);
        var low = address & ((UInt128.One << after) - 1);
        address = (address >> after << (128 - 16 * gap)) | low;
        if (gap == 0)
            address = low; // a shift by 128 is one by 0
        return true;
    }

    private static bool TryReadGroup(ReadOnlySpan<byte> text, out uint number)
    {
        number = 0;
        if (text.Length is 0 or > 4)
            return false;
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
            number = number << 4 | (uint)(char.IsAsciiDigit((char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return true;
    }

    /// <summary>Decimal, without a zero in front, which others may take for octal.</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> text, int most, out int number)
    {
        number = 0;
        if (text.Length is 0 or > 5 || text[0] == '0' && text.Length > 1)
            return false;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            number = number * 10 + (digit - '0');
        }

        return number <= most;
    }
}
