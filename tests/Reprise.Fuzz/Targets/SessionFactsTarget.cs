using System.Formats.Asn1;
using Reprise.Tls;

namespace Reprise.Fuzz.Targets;

/// <summary>An SSL_SESSION as it is read outside of OpenSSL: a client's file, of whoever wrote it.</summary>
internal sealed class SessionFactsTarget : FuzzTarget
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Session(0x0303, 32, 0), Session(0x0303, 0, 200), Session(0x0304, 32, 32)];

    public override void Run(byte[] input)
    {
        if (!SessionFacts.TryRead(input, out var facts))
            return;
        Require(facts.TlsVersion is 0x0303 or 0x0304, $"version {facts.TlsVersion:x4}");
        Require(facts.SessionId.Length <= 32, $"an ID of {facts.SessionId.Length} bytes");
        Require(facts.Ticket.Length + facts.ApplicationData.Length + facts.SessionIdContext.Length < input.Length, "more than there was");
        Require(facts.ServerName is null || facts.ServerName.All(c => c is > ' ' and < (char)0x7f), "a name that is none");
    }

    private static byte[] Session(int version, int idLength, int ticketLength)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteInteger(version);
            writer.WriteOctetString([0x13, 0x01]);
            writer.WriteOctetString(Sample.Filled(idLength, 1));
            writer.WriteOctetString(Sample.Filled(48, 2));
            Field(1, () => writer.WriteInteger(Sample.Now.ToUnixTimeSeconds()));
            Field(2, () => writer.WriteInteger(3600));
            Field(4, () => writer.WriteOctetString(Sample.Scope.Bytes));
            Field(6, () => writer.WriteOctetString("shop.example"u8));
            Field(10, () => writer.WriteOctetString(Sample.Filled(ticketLength, 3)));
            Field(13, () => writer.WriteInteger(1));
            Field(18, () => writer.WriteOctetString(Sample.Filled(20, 4)));
        }

        return writer.Encode();

        void Field(int number, Action write)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true)))
                write();
        }
    }
}
