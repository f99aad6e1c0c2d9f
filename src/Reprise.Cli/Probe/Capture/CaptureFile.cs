using System.Buffers.Binary;
using System.Security.Cryptography;
using Reprise.Cli.Certs;
using Reprise.Tls.Client.Recording;

namespace Reprise.Cli.Probe.Capture;

/// <summary>
/// A pcapng file (draft-ietf-opsawg-pcapng) of connections with the secrets to decrypt them. What passed is TLS as recorded; IP and TCP
/// around it are made up.
/// </summary>
internal sealed class CaptureFile : IAsyncDisposable
{
    private const uint SectionHeader = 0x0A0D0D0A;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const uint InterfaceDescription = 1;
    private const uint EnhancedPacket = 6;
    private const uint DecryptionSecrets = 10;
    private const uint TlsKeyLog = 0x544c534b;
    private const ushort RawIp = 101; // LINKTYPE_RAW: the version is in the first byte of the packet

    private readonly FileStream _file;

    private CaptureFile(FileStream file) => _file = file;

    /// <exception cref="CliException">There is a file of that name, or it cannot be written.</exception>
    public static CaptureFile Create(string path)
    {
        try
        {
            // A new one, so that its mode is ours and nobody reads along; and no buffer that would keep secrets.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = OwnerFile.OwnerOnly;
            var capture = new CaptureFile(new FileStream(path, options));
            capture.WriteHeader();
            return capture;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"--pcap: {failure.Message}", inner: failure);
        }
    }

    /// <summary>A connection that is over. One that never stood leaves nothing to write.</summary>
    public void Write(WireRecording recording)
    {
        if (recording is not { Client: { } client, Server: { } server })
            return;
        WriteSecrets(recording.KeyLog); // ahead of the packets that they decrypt
        foreach (var (at, packet) in new TcpConversation(client, server).Replay(recording))
            WritePacket(at, packet);
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    private void WriteHeader()
    {
        var section = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(section, ByteOrderMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(section.AsSpan(4), 1); // version 1.0
        BinaryPrimitives.WriteInt64LittleEndian(section.AsSpan(8), -1); // length not told
        WriteBlock(SectionHeader, section);

        var link = new byte[8]; // without a limit of length; times in microseconds
        BinaryPrimitives.WriteUInt16LittleEndian(link, RawIp);
        WriteBlock(InterfaceDescription, link);
    }

    private void WriteSecrets(ReadOnlySpan<byte> keyLog)
    {
        if (keyLog.IsEmpty)
            return;
        var body = new byte[8 + keyLog.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(body, TlsKeyLog);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), keyLog.Length);
        keyLog.CopyTo(body.AsSpan(8));
        WriteBlock(DecryptionSecrets, body);
        CryptographicOperations.ZeroMemory(body);
    }

    private void WritePacket(DateTimeOffset at, ReadOnlySpan<byte> packet)
    {
        var microseconds = (ulong)((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        var body = new byte[20 + packet.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), (uint)(microseconds >> 32)); // behind the interface's number, 0
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), (uint)microseconds);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(12), packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(16), packet.Length);
        packet.CopyTo(body.AsSpan(20));
        WriteBlock(EnhancedPacket, body);
    }

    private void WriteBlock(uint type, ReadOnlySpan<byte> body)
    {
        var padded = (body.Length + 3) & ~3;
        var block = new byte[12 + padded];
        BinaryPrimitives.WriteUInt32LittleEndian(block, type);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(4), block.Length);
        body.CopyTo(block.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(8 + padded), block.Length);
        _file.Write(block);
        CryptographicOperations.ZeroMemory(block);
    }
}
