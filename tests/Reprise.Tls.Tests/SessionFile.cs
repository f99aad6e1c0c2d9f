using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Reprise.Tls.Tests;

/// <summary>A session as openssl writes it (SSL_SESSION in DER, as PEM), to be looked into and falsified.</summary>
internal static class SessionFile
{
    private static readonly Asn1Tag Ticket = new(TagClass.ContextSpecific, 10, isConstructed: true);

    public static byte[] ReadTicket(string file)
    {
        byte[]? ticket = null;
        Rewrite(file, t => ticket = t);
        return ticket!;
    }

    /// <summary>Writes another file whose ticket is a changed one.</summary>
    public static string WithTicket(string file, Func<byte[], byte[]> change)
    {
        var changed = file + ".changed";
        File.WriteAllText(changed, PemEncoding.WriteString("SSL SESSION PARAMETERS", Rewrite(file, change)) + "\n");
        return changed;
    }

    private static byte[] Rewrite(string file, Func<byte[], byte[]> change)
    {
        var pem = File.ReadAllText(file);
        var fields = PemEncoding.Find(pem);
        var session = new AsnReader(Convert.FromBase64String(pem[fields.Base64Data]), AsnEncodingRules.DER).ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (session.HasData)
            {
                if (session.PeekTag() != Ticket)
                {
                    writer.WriteEncodedValue(session.ReadEncodedValue().Span);
                    continue;
                }

                var ticket = session.ReadSequence(Ticket).ReadOctetString();
                using (writer.PushSequence(Ticket))
                    writer.WriteOctetString(change(ticket));
            }
        }

        return writer.Encode();
    }
}
