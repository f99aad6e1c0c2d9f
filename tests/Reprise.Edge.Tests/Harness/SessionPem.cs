using System.Formats.Asn1;
using System.Text.RegularExpressions;

namespace Reprise.Edge.Tests.Harness;

/// <summary>Sessions as s_client writes them.</summary>
internal static class SessionPem
{
    /// <summary>Changes a byte of the ticket, or of the session ID where there is none.</summary>
    public static async Task TamperAsync(string file)
    {
        var pem = await File.ReadAllTextAsync(file);
        var block = Regex.Match(pem, "-----BEGIN SSL SESSION PARAMETERS-----(.*?)-----END", RegexOptions.Singleline).Groups[1].Value;
        var der = Convert.FromBase64String(block.ReplaceLineEndings(""));
        var session = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        ReadOnlyMemory<byte> target = default;
        for (var i = 0; session.HasData; i++)
        {
            // ssl_asn1.c: version, protocol, cipher, session ID, master key; [10] is the ticket.
            var tag = session.PeekTag();
            var value = session.PeekContentBytes();
            if (i == 3)
                target = value;
            if (tag.TagClass == TagClass.ContextSpecific && tag.TagValue == 10)
                target = new AsnReader(value, AsnEncodingRules.BER).PeekContentBytes();
            session.ReadEncodedValue();
        }

        Assert.False(target.IsEmpty);
        der.AsSpan().Overlaps(target.Span, out var offset);
        der[offset + target.Length - 3] ^= 1;
        var changed = Convert.ToBase64String(der, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n");
        await File.WriteAllTextAsync(file, $"-----BEGIN SSL SESSION PARAMETERS-----\n{changed}\n-----END SSL SESSION PARAMETERS-----\n");
    }
}
