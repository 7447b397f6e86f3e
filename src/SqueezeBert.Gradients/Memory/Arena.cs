using System.Runtime.InteropServices;

namespace SqueezeBert.Gradients.Memory;

/// <summary>
/// Memory of one step: taken piece by piece, given back all at once and kept for the next step, so that nothing is allocated once warm.
/// </summary>
internal sealed unsafe class Arena : IDisposable
{
    private const long ChunkFloats = 8L << 20;
    private const int Alignment = 64;

    private readonly List<(nint Address, long Length)> _chunks = [];
    private int _current;
    private long _used;

    ~Arena() => Free();

    /// <summary>Bytes that are held.</summary>
    public long ByteCount { get; private set; }

    /// <summary>Gives everything back.</summary>
    public void Reset()
    {
        _current = 0;
        _used = 0;
    }

    /// <summary>Aligned memory with undefined content, valid until <see cref="Reset"/>.</summary>
    public float* Floats(long count)
    {
        count = (count + 15) & ~15L;
        while (_current < _chunks.Count)
        {
            var (address, length) = _chunks[_current];
            if (_used + count <= length)
            {
                var result = (float*)address + _used;
                _used += count;
                return result;
            }

            _current++;
            _used = 0;
        }

        var size = Math.Max(count, ChunkFloats);
        var memory = NativeMemory.AlignedAlloc((nuint)size * sizeof(float), Alignment);
        _chunks.Add(((nint)memory, size));
        ByteCount += size * sizeof(float);
        _used = count;
        return (float*)memory;
    }

    /// <summary>A copy of <paramref name="source"/>.</summary>
    public int* Copy(ReadOnlySpan<int> source)
    {
        var result = (int*)Floats(source.Length);
        source.CopyTo(new Span<int>(result, source.Length));
        return result;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        foreach (var (address, _) in _chunks) NativeMemory.AlignedFree((void*)address);
        _chunks.Clear();
    }
}
