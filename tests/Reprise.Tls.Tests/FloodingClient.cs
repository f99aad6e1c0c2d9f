using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Reprise.Tls.Tests;

/// <summary>
/// A TLS 1.3 client, on libssl's SSL_key_update(3), that sends KeyUpdates without end. It does not read what comes back.
/// </summary>
internal sealed class FloodingClient : IDisposable
{
    private readonly Socket _socket;
    private readonly Thread _thread;
    private volatile bool _stopped;
    private long _sent;

    private FloodingClient(Socket socket, bool wantsAnswers)
    {
        _socket = socket;
        _thread = new Thread(() => Run((int)socket.Handle, wantsAnswers)) { IsBackground = true };
        _thread.Start();
    }

    private delegate nint OfNothing();

    private delegate nint OfPointer(nint pointer);

    private delegate int OfPointerAndInt(nint pointer, int number);

    /// <summary>KeyUpdates so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>The server has ended the connection.</summary>
    public bool Ended { get; private set; }

    public static async Task<FloodingClient> StartAsync(TlsServer server, bool wantsAnswers) => new(await RawClient.ConnectAsync(server), wantsAnswers);

    public void Dispose()
    {
        _stopped = true;
        _socket.Shutdown(SocketShutdown.Both); // wakes a blocked write
        _thread.Join();
        _socket.Dispose();
    }

    private void Run(int descriptor, bool wantsAnswers)
    {
        var library = NativeLibrary.Load("libssl.so.3");
        var handshake = Function<OfPointer>("SSL_do_handshake");
        var update = Function<OfPointerAndInt>("SSL_key_update");
        var context = Function<OfPointer>("SSL_CTX_new")(Function<OfNothing>("TLS_client_method")());
        var ssl = Function<OfPointer>("SSL_new")(context);
        Function<OfPointerAndInt>("SSL_set_fd")(ssl, descriptor);
        Function<OfPointer>("SSL_set_connect_state")(ssl);
        if ((int)handshake(ssl) == 1)
        {
            while (!_stopped && update(ssl, wantsAnswers ? 1 : 0) == 1 && (int)handshake(ssl) == 1)
                Interlocked.Increment(ref _sent);
        }

        Ended = true;
        Function<OfPointer>("SSL_free")(ssl);
        Function<OfPointer>("SSL_CTX_free")(context);

        T Function<T>(string name)
            where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
    }
}
