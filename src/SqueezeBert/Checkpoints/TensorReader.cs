using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// Positioned reads of a range of a file, converted on the way. A file that shrinks while it is open gives an exception,
/// where a memory map would end the process.
/// </summary>
internal static class TensorReader
{
    private const int ChunkBytes = 1 << 16;

    /// <summary>Opens a file for positioned reads by several threads.</summary>
    public static SafeFileHandle Open(string path)
    {
        try
        {
            if (!File.Exists(path)) throw Directory.Exists(path) ? new InvalidModelFileException(path, null, "is a folder, not a file") : ModelPaths.NotFound(path);
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidModelFileException(path, null, $"cannot be opened: {e.Message}", e);
        }
    }

    public static void ReadBytes(SafeFileHandle handle, string path, string? item, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count;
            try
            {
                count = RandomAccess.Read(handle, destination, offset);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InvalidModelFileException(path, item, $"cannot be read: {e.Message}", e);
            }

            if (count == 0) throw new InvalidModelFileException(path, item, "the file ends too early; it became shorter after it was opened");
            destination = destination[count..];
            offset += count;
        }
    }

    public static void ReadFloats(SafeFileHandle handle, string path, TensorInfo tensor, long offset, Span<float> destination)
    {
        CheckLength(tensor, destination.Length, nameof(destination));
        if (tensor.Type == TensorType.Float32 && BitConverter.IsLittleEndian)
        {
            ReadInPlace(handle, path, tensor, offset, destination);
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
                ReadBytes(handle, path, tensor.Name, offset, bytes);
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

    public static void ReadInt64s(SafeFileHandle handle, string path, TensorInfo tensor, long offset, Span<long> destination)
    {
        CheckLength(tensor, destination.Length, nameof(destination));
        if (tensor.Type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64)
            throw new ArgumentException($"tensor '{tensor.Name}' holds {tensor.Type}, not integers", nameof(tensor));
        var size = TensorTypes.SizeOf(tensor.Type);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (destination.Length > 0)
            {
                var count = Math.Min(destination.Length, ChunkBytes / size);
                var bytes = buffer.AsSpan(0, count * size);
                ReadBytes(handle, path, tensor.Name, offset, bytes);
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
    private static void ReadInPlace(SafeFileHandle handle, string path, TensorInfo tensor, long offset, Span<float> destination)
    {
        const int Floats = 1 << 24;
        while (destination.Length > 0)
        {
            var part = MemoryMarshal.AsBytes(destination[..Math.Min(destination.Length, Floats)]);
            ReadBytes(handle, path, tensor.Name, offset, part);
            destination = destination[(part.Length / sizeof(float))..];
            offset += part.Length;
        }
    }

    private static void CheckLength(TensorInfo tensor, int length, string parameter)
    {
        if (tensor.ElementCount != length)
            throw new ArgumentException($"tensor '{tensor.Name}' has {tensor.ElementCount} elements, the destination {length}", parameter);
    }
}
