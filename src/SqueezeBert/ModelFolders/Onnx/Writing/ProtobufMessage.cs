using System.Buffers.Binary;
using System.Text;

namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>The bytes of a protocol buffers message, field by field (protobuf.dev, "Encoding").</summary>
internal sealed class ProtobufMessage
{
    private const int VarintWire = 0, LengthWire = 2, FixedWire = 5;
    private readonly MemoryStream _bytes = new();

    public int Length => checked((int)_bytes.Length);

    public ProtobufMessage Integer(int field, long value)
    {
        WriteVarint(_bytes, Tag(field, VarintWire));
        WriteVarint(_bytes, (ulong)value);
        return this;
    }

    public ProtobufMessage Float(int field, float value)
    {
        WriteVarint(_bytes, Tag(field, FixedWire));
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtobufMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Message(int field, ProtobufMessage value) => Bytes(field, value.Span);

    public ProtobufMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        WriteLength(_bytes, field, value.Length);
        _bytes.Write(value);
        return this;
    }

    public void WriteTo(Stream stream) => _bytes.WriteTo(stream);

    /// <summary>Writes the header of a field whose bytes are written in parts.</summary>
    public static void WriteLength(Stream stream, int field, long length)
    {
        WriteVarint(stream, Tag(field, LengthWire));
        WriteVarint(stream, (ulong)length);
    }

    /// <summary>Returns the number of bytes that <see cref="WriteLength"/> writes.</summary>
    public static int SizeOfLength(int field, long length) => SizeOfVarint(Tag(field, LengthWire)) + SizeOfVarint((ulong)length);

    private ReadOnlySpan<byte> Span => _bytes.GetBuffer().AsSpan(0, Length);

    private static ulong Tag(int field, int wire) => ((ulong)field << 3) | (uint)wire;

    private static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private static int SizeOfVarint(ulong value)
    {
        var size = 1;
        for (; value >= 0x80; value >>= 7) size++;
        return size;
    }
}
