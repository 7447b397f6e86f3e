using System.Runtime.InteropServices;

namespace SqueezeBert.Memory;

/// <summary>
/// Native memory for weights, activations and gradients, aligned to a cache line and initially zero. A buffer grows by replacement and
/// never shrinks by itself. Not thread-safe. Users of <see cref="Pointer"/> must keep the buffer alive meanwhile.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>The alignment of each block in bytes: a cache line.</summary>
    public const int Alignment = 64;

    /// <summary>The size of a huge page on x64, and on ARM64 with pages of 4 KiB. Elsewhere, the system uses its own size.</summary>
    private const nuint HugePage = 2 << 20;

    private const int AdviseHugePages = 14;

    private static readonly delegate* unmanaged<void*, nuint, int, int> Advise = FindAdvise();

    private static long _heldBytes;
    private static long _peakBytes;

    /// <summary>The block that the system returned. <see cref="Pointer"/> is the first aligned address in it.</summary>
    private void* _block;

    public NativeBuffer()
    {
    }

    /// <summary>Creates a buffer of that many bytes.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public NativeBuffer(long byteCount) => Reserve(byteCount);

    ~NativeBuffer() => Free();

    /// <summary>The number of bytes that all buffers of the process hold.</summary>
    public static long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>The largest value of <see cref="HeldBytes"/> since <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>The first byte, or null for an empty buffer.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>The buffer as numbers.</summary>
    public float* Floats => (float*)Pointer;

    public long ByteCount { get; private set; }

    /// <summary>Resets the peak to the current value.</summary>
    public static void ResetPeak() => Interlocked.Exchange(ref _peakBytes, HeldBytes);

    /// <summary>Returns the number of bytes for <paramref name="count"/> numbers, rounded up to where the next array may start.</summary>
    public static long BytesOf(long count) => Align(checked(count * sizeof(float)));

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long Align(long bytes) => checked(bytes + Alignment - 1) & ~(Alignment - 1L);

    /// <summary>Makes room for at least <paramref name="byteCount"/> bytes. If the buffer grows, its content is lost.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough memory.</exception>
    public void Reserve(long byteCount)
    {
        if (byteCount <= ByteCount) return;

        // An eighth more than asked: requests that creep up must not copy the memory each time.
        var size = checked(byteCount + (ByteCount == 0 ? 0 : byteCount / 8));
        Free();
        Allocate(checked((nuint)size));
        ByteCount = size;
        var held = Interlocked.Add(ref _heldBytes, size);
        for (var peak = PeakBytes; held > peak; peak = PeakBytes)
        {
            if (Interlocked.CompareExchange(ref _peakBytes, held, peak) == peak) break;
        }
    }

    /// <summary>Frees the memory. <see cref="Reserve"/> allocates it again.</summary>
    public void Release() => Free();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Allocates memory without writing to it. New pages are zero, and pages that are never used are never created. On Linux, large blocks
    /// request huge pages, of which a model needs tens instead of tens of thousands. Creating a page takes longer than filling it.
    /// </summary>
    private void Allocate(nuint size)
    {
        var isLarge = Advise is not null && size >= HugePage;
        var alignment = isLarge ? HugePage : Alignment;
        _block = NativeMemory.AllocZeroed(checked(size + alignment - 1));
        Pointer = (byte*)(((nuint)_block + alignment - 1) & ~(alignment - 1));

        // A system without huge pages refuses; the memory is as good without them.
        if (isLarge) _ = Advise(Pointer, size, AdviseHugePages);
    }

    private void Free()
    {
        NativeMemory.Free(_block);
        _block = null;
        Pointer = null;
        Interlocked.Add(ref _heldBytes, -ByteCount);
        ByteCount = 0;
    }

    private static delegate* unmanaged<void*, nuint, int, int> FindAdvise() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "madvise", out var address)
            ? (delegate* unmanaged<void*, nuint, int, int>)address
            : null;
}
