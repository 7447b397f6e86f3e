using System.Buffers;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>Reads a tensor whose elements are not contiguous, such as a transposed or sliced view that was saved without copying.</summary>
internal static class StridedReader
{
    private const int ChunkElements = 1 << 13;

    public static void ReadFloats(ByteSource source, TensorInfo info, PickleTensor view, long storageStart, Span<float> destination)
    {
        TensorReader.CheckLength(info, destination.Length, nameof(destination));
        var walk = new Walk(source, info, view, storageStart);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkElements * sizeof(long));
        try
        {
            while (destination.Length > 0)
            {
                var count = Math.Min(destination.Length, ChunkElements);
                ElementConversion.ToFloats(info.Type, walk.Next(buffer, count), destination[..count]);
                destination = destination[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static void ReadInt64s(ByteSource source, TensorInfo info, PickleTensor view, long storageStart, Span<long> destination)
    {
        TensorReader.CheckLength(info, destination.Length, nameof(destination));
        TensorReader.CheckIntegers(info);
        var walk = new Walk(source, info, view, storageStart);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkElements * sizeof(long));
        try
        {
            while (destination.Length > 0)
            {
                var count = Math.Min(destination.Length, ChunkElements);
                ElementConversion.ToInt64s(info.Type, walk.Next(buffer, count), destination[..count]);
                destination = destination[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Traverses a view in row-major order, over a copy of the part of the storage that it covers.</summary>
    private sealed class Walk
    {
        private readonly PickleTensor _view;
        private readonly long[] _index;
        private readonly byte[] _bytes;
        private readonly int _size;
        private long _element;

        public Walk(ByteSource source, TensorInfo info, PickleTensor view, long storageStart)
        {
            _view = view;
            _index = new long[view.Shape.Length];
            _size = TensorTypes.SizeOf(info.Type);
            long span = 1;
            for (var i = 0; i < _index.Length; i++) span += (view.Shape[i] - 1) * view.Strides[i];
            if (span > Array.MaxLength / _size) throw new InvalidModelFileException(
                source.Name, info.Name, "is a view that is spread over more than 2 GB; save a contiguous copy");
            _bytes = new byte[span * _size];
            source.Read(info.Name, storageStart + (view.Offset * _size), _bytes);
        }

        public ReadOnlySpan<byte> Next(byte[] buffer, int count)
        {
            for (var i = 0; i < count; i++)
            {
                _bytes.AsSpan((int)(_element * _size), _size).CopyTo(buffer.AsSpan(i * _size));
                for (var d = _index.Length - 1; d >= 0; d--)
                {
                    _element += _view.Strides[d];
                    if (++_index[d] < _view.Shape[d]) break;
                    _element -= _view.Shape[d] * _view.Strides[d];
                    _index[d] = 0;
                }
            }

            return buffer.AsSpan(0, count * _size);
        }
    }
}
