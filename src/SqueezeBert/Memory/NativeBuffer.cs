using System.Runtime.InteropServices;

namespace SqueezeBert.Memory;

/// <summary>
/// Memory outside of the garbage-collected heap, aligned to a cache line, zero at first: what holds weights, activations and gradients.
/// It grows by replacing and never shrinks by itself. Not thread-safe; who uses <see cref="Pointer"/> keeps the buffer alive meanwhile.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Where each block starts, in bytes: at a cache line.</summary>
    public const int Alignment = 64;

    /// <summary>
    /// The size of a huge page on x64, and on ARM64 with pages of 4 KiB; elsewhere the advice goes for whatever size there is.
    /// </summary>
    private const nuint HugePage = 2 << 20;

    private const int AdviseHugePages = 14;

    private static readonly delegate* unmanaged<void*, nuint, int, int> Advise = FindAdvise();

    private static long _heldBytes;
    private static long _peakBytes;

    /// <summary>What the system gave; <see cref="Pointer"/> is the first aligned address in it.</summary>
    private void* _block;

    public NativeBuffer()
    {
    }

    /// <summary>A buffer of that many bytes.</summary>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
    public NativeBuffer(long byteCount) => Reserve(byteCount);

    ~NativeBuffer() => Free();

    /// <summary>Bytes that all buffers of the process hold.</summary>
    public static long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>The most that <see cref="HeldBytes"/> has been since <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>The first byte; null while there is none.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>The buffer as numbers.</summary>
    public float* Floats => (float*)Pointer;

    public long ByteCount { get; private set; }

    /// <summary>Forgets the peak so far.</summary>
    public static void ResetPeak() => Interlocked.Exchange(ref _peakBytes, HeldBytes);

    /// <summary>The bytes that <paramref name="count"/> numbers take, up to where the next array may start.</summary>
    public static long BytesOf(long count) => Align(checked(count * sizeof(float)));

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long Align(long bytes) => checked(bytes + Alignment - 1) & ~(Alignment - 1L);

    /// <summary>Makes room for at least <paramref name="byteCount"/> bytes; what the buffer held is lost when it grows.</summary>
    /// <exception cref="OutOfMemoryException">There is no such memory.</exception>
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

    /// <summary>Gives the memory back; <see cref="Reserve"/> takes new memory.</summary>
    public void Release() => Free();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Nothing is written to the memory here: pages that the system hands out are zero, and those that are never used are never made. On
    /// Linux large blocks ask for huge pages, of which a model needs tens instead of tens of thousands; making a page costs more than
    /// filling it.
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
