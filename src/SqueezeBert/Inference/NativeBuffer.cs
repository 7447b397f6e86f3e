using SqueezeBert.Kernels;

namespace SqueezeBert.Inference;

/// <summary>
/// Floats outside of the garbage-collected heap, aligned to a cache line, zero at first. Grows by replacing, never shrinks.
/// </summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    public NativeBuffer()
    {
    }

    public NativeBuffer(long length) => Reserve(length);

    ~NativeBuffer() => Free();

    public float* Pointer { get; private set; }

    /// <summary>Elements.</summary>
    public long Length { get; private set; }

    /// <summary>Makes room for at least <paramref name="length"/> elements; what the buffer held is lost when it grows.</summary>
    public void Reserve(long length)
    {
        if (length <= Length) return;

        // An eighth more than asked: requests that creep up must not copy the memory each time.
        var size = checked(length + (Length == 0 ? 0 : length / 8));
        Free();
        Pointer = ZeroedMemory.Allocate(checked((nuint)size * sizeof(float)));
        Length = size;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        ZeroedMemory.Free(Pointer);
        Pointer = null;
        Length = 0;
    }
}
