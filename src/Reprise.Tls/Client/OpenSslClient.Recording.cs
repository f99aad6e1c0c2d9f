using System.Net;
using System.Runtime.InteropServices;
using Reprise.Tls.Client.Recording;
using Reprise.Tls.Interop;

namespace Reprise.Tls.Client;

/// <summary>Tells a <see cref="WireRecording"/> what passes: bytes from the socket's BIO, messages and secrets from libssl.</summary>
public sealed unsafe partial class OpenSslClient
{
    private void Record(WireRecording recording)
    {
        recording.Begin((IPEndPoint)_socket.LocalEndPoint!, (IPEndPoint)_socket.RemoteEndPoint!);
        var bio = LibSsl.SSL_get_rbio(Ssl); // the one of SSL_set_fd, for both ways; stays the connection's
        LibCrypto.BIO_set_callback_arg(bio, (void*)GCHandle.ToIntPtr(_self));
        LibCrypto.BIO_set_callback_ex(bio, &OnSocket);
        if (!recording.KeepsContent)
            return;
        LibSsl.SSL_set_msg_callback(Ssl, &OnMessage);
        LibSsl.SSL_CTX_set_keylog_callback(_context.DangerousGetHandle(), &OnSecret);
    }

    // BIO_set_callback_ex: what it returns becomes the result of the read or write.
    [UnmanagedCallersOnly]
    private static nint OnSocket(nint bio, int operation, byte* data, nuint length, int argi, nint argl, int result, nuint* processed)
    {
        if (result != 1 || processed is null || operation is not (LibCrypto.BIO_CB_READ | LibCrypto.BIO_CB_RETURN or LibCrypto.BIO_CB_WRITE | LibCrypto.BIO_CB_RETURN))
            return result;
        try
        {
            if (GCHandle.FromIntPtr((nint)LibCrypto.BIO_get_callback_arg(bio)).Target is OpenSslClient { _options.Recording: { } recording })
            {
                var direction = (operation & LibCrypto.BIO_CB_WRITE) == LibCrypto.BIO_CB_WRITE ? WireDirection.Sent : WireDirection.Received;
                recording.Passed(direction, new(data, (int)*processed));
            }
        }
        catch (Exception)
        {
            // out of memory at worst: a gap in the recording
        }

        return result;
    }

    // SSL_set_msg_callback: besides messages it is told of record headers and inner content types, by numbers that do not fit a byte.
    // A ChangeCipherSpec is taken from its record's header: of those in TLS 1.3, which it drops, OpenSSL tells nothing else.
    [UnmanagedCallersOnly]
    private static void OnMessage(int written, int version, int contentType, byte* data, nuint length, nint ssl, void* argument)
    {
        var message = new ReadOnlySpan<byte>(data, (int)length);
        var isChange = contentType == LibSsl.SSL3_RT_HEADER && message is [TlsMessage.ChangeCipherSpec, ..];
        if (!isChange && contentType is not (TlsMessage.Handshake or TlsMessage.Alert))
            return;
        try
        {
            var direction = written != 0 ? WireDirection.Sent : WireDirection.Received;
            if (RecordingOf(ssl) is not { } recording)
                return;
            if (isChange)
                recording.Understood(direction, TlsMessage.ChangeCipherSpec, [1]); // RFC 5246 7.1: all that it ever holds
            else
                recording.Understood(direction, (byte)contentType, message);
        }
        catch (Exception)
        {
            // as above
        }
    }

    // SSL_CTX_set_keylog_callback: a line of text without its end.
    [UnmanagedCallersOnly]
    private static void OnSecret(nint ssl, byte* line)
    {
        try
        {
            if (RecordingOf(ssl) is { } recording)
                recording.LogSecret(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(line));
        }
        catch (Exception)
        {
            // as above
        }
    }

    private static WireRecording? RecordingOf(nint ssl) =>
        (GCHandle.FromIntPtr((nint)LibSsl.SSL_get_ex_data(ssl, SelfIndex)).Target as OpenSslClient)?._options.Recording;
}
