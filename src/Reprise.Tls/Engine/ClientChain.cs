using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Reprise.Tls;

/// <summary>The certificates that a client was verified by. Immutable.</summary>
public sealed class ClientChain
{
    private X509Certificate2? _certificate;

    internal ClientChain(byte[] leaf, byte[] rest)
    {
        Leaf = leaf;
        Rest = rest;
    }

    /// <summary>The client's own, DER.</summary>
    public ReadOnlyMemory<byte> Leaf { get; }

    /// <summary>What lies between it and the trusted root, in this order, DER after DER; empty if nothing does.</summary>
    public ReadOnlyMemory<byte> Rest { get; }

    /// <summary><see cref="Rest"/>, one by one.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Intermediates
    {
        get
        {
            for (var rest = Rest; !rest.IsEmpty;)
            {
                AsnDecoder.ReadEncodedValue(rest.Span, AsnEncodingRules.DER, out _, out _, out var length);
                yield return rest[..length];
                rest = rest[length..];
            }
        }
    }

    /// <summary>The client's own, shared by all who ask; not to be disposed.</summary>
    public X509Certificate2 Certificate
    {
        get
        {
            if (Volatile.Read(ref _certificate) is { } known)
                return known;
            var loaded = X509CertificateLoader.LoadCertificate(Leaf.Span);
            if (Interlocked.CompareExchange(ref _certificate, loaded, null) is not { } first)
                return loaded;
            loaded.Dispose();
            return first;
        }
    }

    /// <summary>SHA-256 of <see cref="Leaf"/>, 64 lower-case hex digits.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Leaf.Span));

    /// <summary>The fingerprint only.</summary>
    public override string ToString() => Fingerprint;
}
