using SqueezeBert.Memory;

namespace SqueezeBert.Gradients.Memory;

/// <summary>
/// The memory of one batch. It is allocated in pieces, freed all at once and kept for the next batch, so that nothing is allocated after
/// the first batches.
/// </summary>
internal sealed unsafe class Arena : IDisposable
{
    private const long ChunkBytes = 32L << 20;

    private readonly List<NativeBuffer> _chunks = [];
    private int _current;
    private long _used;

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
        var bytes = NativeBuffer.BytesOf(count);
        while (_current < _chunks.Count && _used + bytes > _chunks[_current].ByteCount)
        {
            _current++;
            _used = 0;
        }

        if (_current == _chunks.Count)
        {
            _chunks.Add(new NativeBuffer(Math.Max(bytes, ChunkBytes)));
            ByteCount += _chunks[_current].ByteCount;
        }

        var result = (float*)(_chunks[_current].Pointer + _used);
        _used += bytes;
        return result;
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
        foreach (var chunk in _chunks) chunk.Dispose();
        _chunks.Clear();
    }
}
