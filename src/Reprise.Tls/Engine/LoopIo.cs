using System.Runtime.InteropServices;
using Reprise.Tls.Interop;

namespace Reprise.Tls;

/// <summary>
/// How OpenSSL reads and writes on one loop. Output is kept until the call that made it returns: the connection then sends it,
/// or holds it back (a flight must not leave before its session is stored). Input comes from the socket of the connection whose
/// turn it is, so much and no more: within one SSL_read OpenSSL answers KeyUpdates and refuses renegotiations for as
/// long as a client sends them, and a client that never stops would have the loop to itself.
/// Native memory, because OpenSSL calls with it from C.
/// </summary>
internal sealed unsafe class LoopIo : IDisposable
{
    private const int ReadsPerCall = 4; // of some 16 KiB each, as SSL_set_read_ahead(3) asks

    private static readonly nint Method = CreateMethod();

    private Block* _block;

    /// <param name="context">Brings what awaits something back to the loop.</param>
    public LoopIo(SynchronizationContext context)
    {
        Context = context;
        _block = (Block*)NativeMemory.AllocZeroed((nuint)sizeof(Block));
        Grow(_block, 64 * 1024);
    }

    public SynchronizationContext Context { get; }

    public ReadOnlySpan<byte> Written => new(_block->Data, checked((int)_block->Length));

    public byte* Start => _block->Data;

    public int Length => (int)_block->Length;

    /// <summary>Whether the last call ended because it has read enough for one turn: more may be there, and no edge will tell.</summary>
    public bool Curbed => _block->Curbed;

    /// <summary>Whether the last call has left the socket empty, so that an edge follows when more comes.</summary>
    public bool Drained => _block->Drained;

    public void Clear() => _block->Length = 0;

    /// <summary>The next call into OpenSSL is about this socket.</summary>
    /// <param name="socket">Non-blocking.</param>
    /// <param name="mayEnd">
    /// Its end has been signalled. Without, a short read means that the socket is empty and that an edge follows (epoll(7)),
    /// which saves the read that would say so.
    /// </param>
    public void Turn(int socket, bool mayEnd)
    {
        _block->Socket = socket;
        _block->MayEnd = mayEnd;
        _block->Reads = 0;
        _block->Drained = false;
        _block->Curbed = false;
        _block->Ended = false;
    }

    /// <summary>A BIO on this; owned by the caller, to be handed to an SSL. This outlives it.</summary>
    public nint CreateBio()
    {
        var bio = LibCrypto.BIO_new(Method);
        if (bio == 0)
            throw OpenSslException.FromQueue("BIO_new");
        LibCrypto.BIO_set_data(bio, _block);
        LibCrypto.BIO_set_init(bio, 1);
        return bio;
    }

    public void Dispose()
    {
        if (_block is null)
            return;
        NativeMemory.Free(_block->Data);
        NativeMemory.Free(_block);
        _block = null;
    }

    private static nint CreateMethod()
    {
        fixed (byte* name = "reprise loop\0"u8)
        {
            var method = LibCrypto.BIO_meth_new(LibCrypto.BIO_get_new_index() | LibCrypto.BIO_TYPE_SOURCE_SINK, name); // for the process's life
            if (method == 0 || LibCrypto.BIO_meth_set_write_ex(method, &OnWrite) != 1 ||
                LibCrypto.BIO_meth_set_read_ex(method, &OnRead) != 1 || LibCrypto.BIO_meth_set_ctrl(method, &OnControl) != 1)
            {
                throw OpenSslException.FromQueue("BIO_meth_new");
            }

            return method;
        }
    }

    [UnmanagedCallersOnly] // BIO_meth_set_read_ex(3)
    private static int OnRead(nint bio, byte* data, nuint length, nuint* read)
    {
        var block = (Block*)LibCrypto.BIO_get_data(bio);
        LibCrypto.BIO_clear_flags(bio, LibCrypto.BIO_FLAGS_RWS | LibCrypto.BIO_FLAGS_SHOULD_RETRY);
        *read = 0;
        if (block->Drained)
            return Retry(bio);
        if (block->Reads == ReadsPerCall)
        {
            block->Curbed = true;
            return Retry(bio);
        }

        block->Reads++;
        nint result;
        do
            result = LibC.recv(block->Socket, data, length, 0);
        while (result < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR);
        if (result > 0)
        {
            block->Drained = (nuint)result < length && !block->MayEnd;
            *read = (nuint)result;
            return 1;
        }

        block->Ended = result == 0;
        return result < 0 && Marshal.GetLastPInvokeError() == LibC.EAGAIN ? Retry(bio) : 0;
    }

    private static int Retry(nint bio)
    {
        LibCrypto.BIO_set_flags(bio, LibCrypto.BIO_FLAGS_READ | LibCrypto.BIO_FLAGS_SHOULD_RETRY);
        return 0;
    }

    [UnmanagedCallersOnly] // BIO_meth_set_write_ex(3)
    private static int OnWrite(nint bio, byte* data, nuint length, nuint* written)
    {
        var block = (Block*)LibCrypto.BIO_get_data(bio);
        if (block->Capacity - block->Length < length && !Grow(block, block->Length + length))
            return 0;
        NativeMemory.Copy(data, block->Data + block->Length, length);
        block->Length += length;
        *written = length;
        return 1;
    }

    [UnmanagedCallersOnly] // BIO_meth_set_ctrl(3)
    private static nint OnControl(nint bio, int command, nint number, void* pointer) => command switch
    {
        LibCrypto.BIO_CTRL_FLUSH => 1, // nothing to do, and that went well
        LibCrypto.BIO_CTRL_EOF => ((Block*)LibCrypto.BIO_get_data(bio))->Ended ? 1 : 0,
        _ => 0,
    };

    private static bool Grow(Block* block, nuint needed)
    {
        var capacity = Math.Max(block->Capacity * 2, needed);
        byte* grown;
        try
        {
            grown = (byte*)NativeMemory.Realloc(block->Data, capacity);
        }
        catch (OutOfMemoryException)
        {
            return false;
        }

        block->Data = grown;
        block->Capacity = capacity;
        return true;
    }

    private struct Block
    {
        public byte* Data;
        public nuint Length;
        public nuint Capacity;
        public int Socket;
        public int Reads;
        public bool MayEnd;
        public bool Drained;
        public bool Curbed;
        public bool Ended;
    }
}
