using System.Formats.Asn1;
using System.Text.RegularExpressions;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>Changes sessions as <c>openssl s_client -sess_out</c> writes them (ssl_asn1.c).</summary>
internal static partial class SessionPem
{
    /// <summary>Lets the client believe that its ticket came with max_early_data_size, which no ticket of a node's has.</summary>
    public static async Task AllowEarlyDataAsync(string file)
    {
        var maxEarlyData = new Asn1Tag(TagClass.ContextSpecific, 15, isConstructed: true);
        var pem = await File.ReadAllTextAsync(file);
        var der = Convert.FromBase64String(Block().Match(pem).Groups[1].Value.ReplaceLineEndings(""));
        var session = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        var changed = new AsnWriter(AsnEncodingRules.DER);
        using (changed.PushSequence())
        {
            var written = false;
            while (session.HasData)
            {
                var tag = session.PeekTag();
                if (!written && tag.TagClass is TagClass.ContextSpecific && tag.TagValue >= maxEarlyData.TagValue)
                    Write();
                if (tag == maxEarlyData)
                    session.ReadEncodedValue();
                else
                    changed.WriteEncodedValue(session.ReadEncodedValue().Span);
            }

            if (!written)
                Write();

            void Write()
            {
                written = true;
                using (changed.PushSequence(maxEarlyData))
                    changed.WriteInteger(16384);
            }
        }

        var text = Convert.ToBase64String(changed.Encode(), Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n");
        await File.WriteAllTextAsync(file, $"-----BEGIN SSL SESSION PARAMETERS-----\n{text}\n-----END SSL SESSION PARAMETERS-----\n");
    }

    [GeneratedRegex("-----BEGIN SSL SESSION PARAMETERS-----(.*?)-----END", RegexOptions.Singleline)]
    private static partial Regex Block();
}
