using System.Buffers.Binary;

namespace Reprise.Fuzz;

/// <summary>Changes bytes as faults and attackers do: bits, lengths, parts that go, come, or come twice.</summary>
internal static class Mutator
{
    public static byte[] Mutate(byte[] sample, Random random)
    {
        var bytes = (byte[])sample.Clone();
        for (var times = random.Next(1, 6); times > 0; times--)
            bytes = Once(bytes, random);
        return bytes;
    }

    /// <summary>A ClientHello in one record; the lengths of record and message are mostly set right, so that the parsers behind them see the rest.</summary>
    public static byte[] MutateHello(byte[] sample, Random random)
    {
        byte[] body = [.. sample[..9], .. Mutate(sample[9..], random)];
        if (random.Next(8) == 0)
            return Once(body, random);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(3), (ushort)(body.Length - 5));
        body[6] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(7), (ushort)(body.Length - 9));
        return body;
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
            return [(byte)random.Next(256)];
        var at = random.Next(bytes.Length);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2: // a number becomes an extreme
                var width = Math.Min(bytes.Length - at, 1 << random.Next(4));
                bytes.AsSpan(at, width).Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xff);
                return bytes;
            case 3: // and another a small one
                bytes[at] = (byte)random.Next(4);
                return bytes;
            case 4: // the end goes
                return random.Next(4) == 0 ? bytes[..at] : bytes;
            case 5: // a part goes
                var gone = random.Next(1, Math.Min(40, bytes.Length - at) + 1);
                return [.. bytes[..at], .. bytes[(at + gone)..]];
            case 6: // bytes come
                var more = new byte[random.Next(1, random.Next(8) == 0 ? 300 : 8)];
                random.NextBytes(more);
                return [.. bytes[..at], .. more, .. bytes[at..]];
            default: // a part comes twice
                var part = bytes[at..Math.Min(bytes.Length, at + random.Next(1, 60))];
                return [.. bytes[..at], .. part, .. bytes[at..]];
        }
    }
}
