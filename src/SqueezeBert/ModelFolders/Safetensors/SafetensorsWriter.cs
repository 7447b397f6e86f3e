using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using SqueezeBert.Files;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.Checkpoints;

/// <summary>
/// Writes a safetensors file. The bytes depend only on the tensors and the metadata, not on the order in which they were added. Tensors are
/// sorted like those of the reference implementation: wider types first, then by name. Not thread-safe.
/// </summary>
public sealed class SafetensorsWriter
{
    private const int ChunkElements = 1 << 14;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private sealed record Entry(string Name, TensorType Type, ImmutableArray<long> Shape, ReadOnlyMemory<float> Floats,
        ReadOnlyMemory<long> Integers, ReadOnlyMemory<byte> Bytes = default)
    {
        public long ByteCount => !Bytes.IsEmpty ? Bytes.Length
            : (long)TensorTypes.SizeOf(Type) * (Type == TensorType.Int64 ? Integers.Length : Floats.Length);
    }

    /// <summary>The key-value pairs of "__metadata__". They initially contain {"format": "pt"}, which transformers requires.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal) { ["format"] = "pt" };

    /// <summary>Adds a tensor of floating-point values. The elements are read when the file is saved.</summary>
    /// <param name="name">The name of the tensor, which must be unique.</param>
    /// <param name="shape">The sizes, outermost first.</param>
    /// <param name="data">The elements, in row-major order.</param>
    /// <param name="type">
    /// The type of the stored elements: <see cref="TensorType.Float32"/>, <see cref="TensorType.Float16"/> or
    /// <see cref="TensorType.BFloat16"/>. Values are rounded to the nearest, ties to even.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The name is already used or not allowed, or the shape does not fit the number of elements.
    /// </exception>
    public void Add(string name, IEnumerable<long> shape, ReadOnlyMemory<float> data, TensorType type = TensorType.Float32)
    {
        if (type is not (TensorType.Float32 or TensorType.Float16 or TensorType.BFloat16))
            throw new ArgumentException($"tensor '{name}': floats are written as float32, float16 or bfloat16, not as {type}",
                nameof(type));
        Add(new Entry(name, type, [.. shape], data, default), data.Length);
    }

    /// <summary>Adds a tensor of 64-bit integers.</summary>
    /// <param name="name">The name of the tensor, which must be unique.</param>
    /// <param name="shape">The sizes, outermost first.</param>
    /// <param name="data">The elements, in row-major order.</param>
    /// <exception cref="ArgumentException">
    /// The name is already used or not allowed, or the shape does not fit the number of elements.
    /// </exception>
    public void Add(string name, IEnumerable<long> shape, ReadOnlyMemory<long> data) =>
        Add(new Entry(name, TensorType.Int64, [.. shape], default, data), data.Length);

    /// <summary>Adds a tensor of integers of any type, by its little-endian bytes.</summary>
    internal void AddBytes(string name, IEnumerable<long> shape, ReadOnlyMemory<byte> data, TensorType type) =>
        Add(new Entry(name, type, [.. shape], default, default, data), data.Length / TensorTypes.SizeOf(type));

    /// <summary>
    /// Writes the file under a temporary name, flushes it to the disk and renames it. The file is therefore never left half written.
    /// </summary>
    /// <param name="path">The path of the file. An existing file is replaced.</param>
    /// <exception cref="OverflowException">
    /// A finite value is outside the range of its type. The message names the tensor, and an existing file is kept.
    /// </exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, Save);
    }

    /// <summary>Writes the content of the file to a stream.</summary>
    /// <param name="stream">The stream to write to.</param>
    /// <exception cref="OverflowException">A finite value is outside the range of its type. The message names the tensor.</exception>
    public void Save(Stream stream)
    {
        var entries = _entries.Values
            .OrderByDescending(entry => TensorTypes.SizeOf(entry.Type)).ThenByDescending(entry => entry.Type)
            .ThenBy(entry => entry.Name, Utf8Order.Instance)
            .ToList();
        var header = Header(entries);
        Span<byte> length = stackalloc byte[8];
        var padding = (8 - (header.Length % 8)) % 8;
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length + padding);
        stream.Write(length);
        stream.Write(header);
        for (var i = 0; i < padding; i++) stream.WriteByte((byte)' ');
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkElements * 8);
        try
        {
            foreach (var entry in entries) WriteData(stream, entry, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Add(Entry entry, int length)
    {
        ArgumentException.ThrowIfNullOrEmpty(entry.Name, "name");
        if (entry.Name == "__metadata__") throw new ArgumentException("'__metadata__' cannot be a tensor's name", "name");
        long count = 1;
        foreach (var size in entry.Shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, "shape");
            count = checked(count * size);
        }

        if (count != length) throw new ArgumentException(
            $"tensor '{entry.Name}': shape [{string.Join(", ", entry.Shape)}] has {count} elements, the data {length}", "data");
        if (!_entries.TryAdd(entry.Name, entry)) throw new ArgumentException($"tensor '{entry.Name}' was added already", "name");
    }

    private byte[] Header(List<Entry> entries)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (name, value) in Metadata) json.WriteString(name, value);
                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var entry in entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", TensorTypes.SafetensorsName(entry.Type));
                json.WriteStartArray("shape");
                foreach (var size in entry.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += entry.ByteCount;
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteData(Stream stream, Entry entry, byte[] buffer)
    {
        var size = TensorTypes.SizeOf(entry.Type);
        if (!entry.Bytes.IsEmpty)
        {
            stream.Write(entry.Bytes.Span);
            return;
        }

        if (entry.Type == TensorType.Int64)
        {
            foreach (var value in entry.Integers.Span)
            {
                BinaryPrimitives.WriteInt64LittleEndian(buffer, value);
                stream.Write(buffer, 0, sizeof(long));
            }

            return;
        }

        var floats = entry.Floats.Span;
        for (var start = 0; start < floats.Length; start += ChunkElements)
        {
            var part = floats.Slice(start, Math.Min(ChunkElements, floats.Length - start));
            ElementConversion.FromFloats(entry.Type, part, buffer.AsSpan(0, part.Length * size), entry.Name);
            stream.Write(buffer, 0, part.Length * size);
        }
    }

    /// <summary>The order of the UTF-8 bytes. It equals that of the code points, but not that of the UTF-16 code units.</summary>
    private sealed class Utf8Order : IComparer<string>
    {
        public static readonly Utf8Order Instance = new();

        public int Compare(string? x, string? y) =>
            System.Text.Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(y!));
    }
}
