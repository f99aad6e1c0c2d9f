using System.Text;
using Org.BouncyCastle.Tls;

namespace Reprise.Conformance.Tests.Hostile;

/// <summary>A ClientHello to be spoilt: in order until a test changes a part of it, or the bytes it comes to.</summary>
internal sealed class Hello
{
    /// <summary>For X25519 any 32 bytes are a public key; nobody here wants to read what follows.</summary>
    public static readonly byte[] Share = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public int RecordVersion { get; set; } = 0x0301;

    public int LegacyVersion { get; set; } = 0x0303;

    public byte[] SessionId { get; set; } = [];

    public int[] CipherSuites { get; set; } = [];

    public short[] Compressions { get; set; } = [CompressionMethod.cls_null];

    /// <summary>In this order.</summary>
    public List<(int Type, byte[] Data)> Extensions { get; } = [];

    /// <summary>TLS 1.3 only.</summary>
    public static Hello Tls13(string host)
    {
        var hello = new Hello { CipherSuites = [CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_AES_256_GCM_SHA384], SessionId = Bytes(32, 7) };
        hello.AddCommon(host);
        hello.Extensions.Add((ExtensionType.supported_versions, TlsExtensionsUtilities.CreateSupportedVersionsExtensionClient([ProtocolVersion.TLSv13])));
        hello.Extensions.Add((ExtensionType.key_share, TlsExtensionsUtilities.CreateKeyShareClientHello([new KeyShareEntry(NamedGroup.x25519, Share)])));
        return hello;
    }

    /// <summary>TLS 1.2 only, without tickets.</summary>
    public static Hello Tls12(string host)
    {
        var hello = new Hello
        {
            CipherSuites = [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, CipherSuite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV],
        };
        hello.AddCommon(host);
        hello.Extensions.Add((ExtensionType.extended_master_secret, []));
        return hello;
    }

    public static byte[] Bytes(int count, byte value) => [.. Enumerable.Repeat(value, count)];

    /// <summary>A vector with a length of so many bytes before it.</summary>
    public static byte[] Vector(int lengthBytes, params IEnumerable<byte> content)
    {
        byte[] bytes = [.. content];
        return [.. Enumerable.Range(0, lengthBytes).Select(i => (byte)(bytes.Length >> (8 * (lengthBytes - 1 - i)))), .. bytes];
    }

    public static byte[] Number(int bytes, int value) => [.. Enumerable.Range(0, bytes).Select(i => (byte)(value >> (8 * (bytes - 1 - i))))];

    /// <summary>The content of pre_shared_key: identities and binders of their own count.</summary>
    public static byte[] PreSharedKeys(IEnumerable<byte[]> identities, IEnumerable<byte[]> binders) =>
    [
        .. Vector(2, identities.SelectMany(identity => (byte[])[.. Vector(2, identity), .. Number(4, 0)])),
        .. Vector(2, binders.SelectMany(binder => Vector(1, binder))),
    ];

    public static byte[] ServerName(params IEnumerable<byte[]> names) => Vector(2, names.SelectMany(name => (byte[])[0, .. Vector(2, name)]));

    public static byte[] ServerName(string name) => ServerName([Encoding.ASCII.GetBytes(name)]);

    public Hello With(int type, params byte[] data)
    {
        var at = Extensions.FindIndex(extension => extension.Type == type);
        if (at < 0)
            Extensions.Add((type, data));
        else
            Extensions[at] = (type, data);
        return this;
    }

    public Hello Twice(int type)
    {
        var extension = Extensions.Single(each => each.Type == type);
        Extensions.Insert(Extensions.IndexOf(extension), extension);
        return this;
    }

    public Hello Without(int type)
    {
        Extensions.RemoveAll(extension => extension.Type == type);
        return this;
    }

    /// <summary>The message's body, without the four bytes of its head.</summary>
    public byte[] Body()
    {
        var extensions = Extensions.SelectMany(extension => (byte[])[.. Number(2, extension.Type), .. Vector(2, extension.Data)]);
        return [.. Start(), .. Vector(2, extensions)];
    }

    /// <summary>The body up to its extensions, whose length belongs after it.</summary>
    public byte[] Start() =>
    [
        .. Number(2, LegacyVersion), .. Bytes(32, 3), .. Vector(1, SessionId),
        .. Vector(2, CipherSuites.SelectMany(suite => Number(2, suite))), .. Vector(1, Compressions.Select(method => (byte)method)),
    ];

    /// <summary>The message.</summary>
    public byte[] Message() => MessageOf(Body());

    /// <summary>The message in one record.</summary>
    public byte[] Record() => RecordOf(Message(), RecordVersion);

    /// <summary>A ClientHello with this body, right or not.</summary>
    public static byte[] MessageOf(byte[] body, int type = HandshakeType.client_hello) => [(byte)type, .. Vector(3, body)];

    public static byte[] RecordOf(byte[] content, int version = 0x0301, int type = ContentType.handshake) => [(byte)type, .. Number(2, version), .. Vector(2, content)];

    private void AddCommon(string host)
    {
        Extensions.Add((ExtensionType.server_name, ServerName(host)));
        Extensions.Add((ExtensionType.supported_groups, TlsExtensionsUtilities.CreateSupportedGroupsExtension([NamedGroup.x25519, NamedGroup.secp256r1])));
        Extensions.Add((ExtensionType.signature_algorithms, Vector(2, Number(2, SignatureScheme.ecdsa_secp256r1_sha256).Concat(Number(2, SignatureScheme.rsa_pss_rsae_sha256)))));
    }
}
