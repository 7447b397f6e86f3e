using System.Buffers;
using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.Tensors;

/// <summary>Reads a range of a file and converts it.</summary>
internal static class TensorReader
{
    private const int ChunkBytes = 1 << 16;

    public static void ReadFloats(ByteSource source, TensorInfo tensor, long offset, Span<float> destination)
    {
        CheckLength(tensor, destination.Length, nameof(destination));
        if (tensor.Type == TensorType.Float32 && BitConverter.IsLittleEndian)
        {
            ReadInPlace(source, tensor, offset, destination);
            return;
        }

        var size = TensorTypes.SizeOf(tensor.Type);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (destination.Length > 0)
            {
                var count = Math.Min(destination.Length, ChunkBytes / size);
                var bytes = buffer.AsSpan(0, count * size);
                source.Read(tensor.Name, offset, bytes);
                ElementConversion.ToFloats(tensor.Type, bytes, destination[..count]);
                destination = destination[count..];
                offset += bytes.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static void ReadInt64s(ByteSource source, TensorInfo tensor, long offset, Span<long> destination)
    {
        CheckLength(tensor, destination.Length, nameof(destination));
        CheckIntegers(tensor);
        var size = TensorTypes.SizeOf(tensor.Type);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (destination.Length > 0)
            {
                var count = Math.Min(destination.Length, ChunkBytes / size);
                var bytes = buffer.AsSpan(0, count * size);
                source.Read(tensor.Name, offset, bytes);
                ElementConversion.ToInt64s(tensor.Type, bytes, destination[..count]);
                destination = destination[count..];
                offset += bytes.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A span of bytes holds 2 GiB at most, a span of floats four times that.
    private static void ReadInPlace(ByteSource source, TensorInfo tensor, long offset, Span<float> destination)
    {
        const int Floats = 1 << 24;
        while (destination.Length > 0)
        {
            var part = MemoryMarshal.AsBytes(destination[..Math.Min(destination.Length, Floats)]);
            source.Read(tensor.Name, offset, part);
            destination = destination[(part.Length / sizeof(float))..];
            offset += part.Length;
        }
    }

    internal static void CheckIntegers(TensorInfo tensor)
    {
        if (tensor.Type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64)
            throw new ArgumentException($"tensor '{tensor.Name}' holds {tensor.Type}, not integers", nameof(tensor));
    }

    internal static void CheckLength(TensorInfo tensor, int length, string parameter)
    {
        if (tensor.ElementCount != length)
            throw new ArgumentException($"tensor '{tensor.Name}' has {tensor.ElementCount} elements, the destination {length}", parameter);
    }
}
