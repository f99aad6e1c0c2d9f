using System.Buffers;
using System.Runtime.InteropServices;

namespace Reprise.Tls;

/// <summary>
/// Memory that connections, and Kestrel on their behalf, hold while bytes are under way: blocks of 4 KiB for little and of a TLS record for much,
/// so that a record is encrypted from where it lies. A block travels between the application's threads and a loop, and the shared pool of .NET, which
/// keeps arrays by thread, would mostly make new ones. Pinned, as OpenSSL and the kernel use them. What is in a block that comes back stays in it,
/// as in Kestrel's own pool: a block is only ever read as far as it was written.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    /// <summary>What a single small request or answer takes.</summary>
    public const int SmallBlock = 4 * 1024;

    private readonly Shelf _small = new(SmallBlock, mostKept: 4096);
    private readonly Shelf _large = new(EventLoop.MaxRecord, mostKept: 1024);

    private BlockPool()
    {
    }

    public static new BlockPool Shared { get; } = new();

    public override int MaxBufferSize => EventLoop.MaxRecord;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
        return (minBufferSize <= SmallBlock ? _small : _large).Take();
    }

    protected override void Dispose(bool disposing)
    {
        // It is the process's.
    }

    /// <summary>Idle blocks of one size: the one used last is the next, as it is still in the processor's cache.</summary>
    private sealed class Shelf(int size, int mostKept)
    {
        private readonly Lock _gate = new();
        private readonly Stack<Block> _idle = new();

        public Block Take()
        {
            Block? block;
            lock (_gate)
                _idle.TryPop(out block);
            block ??= new Block(this, GC.AllocateUninitializedArray<byte>(size, pinned: true));
            block.Lend();
            return block;
        }

        public void Return(Block block)
        {
            lock (_gate)
            {
                if (_idle.Count < mostKept) // the rest was a peak's
                    _idle.Push(block);
            }
        }
    }

    private sealed class Block(Shelf shelf, byte[] array) : IMemoryOwner<byte>
    {
        private int _lent;

        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(array, 0, array.Length);

        public void Lend() => _lent = 1;

        // Only once: a block that is given back twice would be lent to two connections.
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _lent, 0) == 1)
                shelf.Return(this);
        }
    }
}
