using SqueezeBert.Checkpoints;
using SqueezeBert.Files;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>The encoding of a field in a protocol buffers message.</summary>
internal enum ProtobufWire
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}

/// <summary>The range of a length-delimited field in the file.</summary>
internal readonly record struct ProtobufRange(long Start, long Length);

/// <summary>
/// Reads the fields of a message in a range of a file, one after another (protobuf.dev, "Encoding"). Payloads are read only on request, so
/// a file of any length needs a small buffer. The reader does not recurse: the caller opens the messages that it knows, and other fields
/// are skipped.
/// </summary>
internal struct ProtobufReader
{
    private readonly ProtobufBuffer _buffer;
    private readonly long _end;
    private long _position;
    private ulong _number;
    private ProtobufRange _range;

    private ProtobufReader(ProtobufBuffer buffer, long start, long end)
    {
        _buffer = buffer;
        _position = start;
        _end = end;
    }

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>The encoding of the current field.</summary>
    public ProtobufWire Wire { get; private set; }

    /// <summary>Opens the whole file as a message.</summary>
    public static ProtobufReader Open(ByteSource source) => new(new ProtobufBuffer(source), 0, source.Length);

    /// <summary>Moves to the next field. Returns false at the end of the message.</summary>
    /// <exception cref="InvalidModelFileException">
    /// The field extends beyond the message, or its encoding does not exist in protocol buffers.
    /// </exception>
    public bool Next()
    {
        if (_position >= _end) return false;
        var tag = Varint();
        if (tag >> 3 is 0 or > (1 << 29) - 1) throw Error("has a field with an impossible number");
        Field = (int)(tag >> 3);
        Wire = (ProtobufWire)(int)(tag & 7);
        switch (Wire)
        {
            case ProtobufWire.Varint:
                _number = Varint();
                break;
            case ProtobufWire.Fixed32:
                _number = Fixed(4);
                break;
            case ProtobufWire.Fixed64:
                _number = Fixed(8);
                break;
            case ProtobufWire.Length:
                var length = Varint();
                if (length > (ulong)(_end - _position))
                    throw Error("has a field that is longer than what it stands in; the file is truncated or damaged");
                _range = new ProtobufRange(_position, (long)length);
                _position += (long)length;
                break;
            default:
                throw Error($"has a field of the unknown kind {(int)Wire}");
        }

        return true;
    }

    /// <summary>Returns the current field as an integer.</summary>
    public readonly long Integer() => Wire == ProtobufWire.Varint ? (long)_number : throw Error($"field {Field} is not an integer");

    /// <summary>Returns the current field as a float.</summary>
    public readonly float Single() =>
        Wire == ProtobufWire.Fixed32 ? BitConverter.UInt32BitsToSingle((uint)_number) : throw Error($"field {Field} is not a float");

    /// <summary>Returns the range of the current field's bytes.</summary>
    public readonly ProtobufRange Range() => Wire == ProtobufWire.Length ? _range : throw Error($"field {Field} has no length");

    /// <summary>Returns the current field as a message.</summary>
    public readonly ProtobufReader Message()
    {
        var range = Range();
        return new ProtobufReader(_buffer, range.Start, range.Start + range.Length);
    }

    /// <summary>Returns the current field as text.</summary>
    /// <param name="most">The largest number of bytes.</param>
    public readonly string Text(int most)
    {
        var range = Range();
        if (range.Length > most) throw Error($"has a text of {range.Length} bytes, more than the {most} allowed");
        if (range.Length == 0) return "";
        var bytes = new byte[range.Length];
        _buffer.Source.Read(null, range.Start, bytes);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Adds the integers of the current field, which may be one of several integers or all of them packed.</summary>
    public readonly void AddIntegers(List<long> numbers, int most)
    {
        if (Wire == ProtobufWire.Varint)
        {
            numbers.Add((long)_number);
        }
        else
        {
            // A packed field is a message without tags.
            for (var reader = Message(); reader._position < reader._end && numbers.Count <= most;) numbers.Add((long)reader.Varint());
        }

        if (numbers.Count > most) throw Error($"has a list of more than {most} integers");
    }

    /// <summary>Adds the floats of the current field, which may be one of several floats or all of them packed.</summary>
    public readonly void AddSingles(List<float> numbers, int most)
    {
        if (Wire == ProtobufWire.Fixed32)
        {
            numbers.Add(Single());
        }
        else
        {
            for (var reader = Message(); reader._position < reader._end
                && numbers.Count <= most;) numbers.Add(BitConverter.UInt32BitsToSingle((uint)reader.Fixed(4)));
        }

        if (numbers.Count > most) throw Error($"has a list of more than {most} floats");
    }

    public readonly InvalidModelFileException Error(string reason) =>
        new(_buffer.Source.Name, null, $"is not a valid ONNX file: it {reason}");

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position >= _end) throw Error("has a number that does not end; the file is truncated or damaged");
            var next = _buffer.ByteAt(_position++);
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw Error("has a number of more than 64 bits");
    }

    private ulong Fixed(int bytes)
    {
        if (_end - _position < bytes) throw Error("has a number that does not end; the file is truncated or damaged");
        ulong value = 0;
        for (var i = 0; i < bytes; i++) value |= (ulong)_buffer.ByteAt(_position++) << (8 * i);
        return value;
    }
}
