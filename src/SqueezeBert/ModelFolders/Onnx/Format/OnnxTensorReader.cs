using System.Buffers.Binary;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Onnx.Constants;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.Onnx.Format;

/// <summary>
/// Reads TensorProto. Elements stay in the file, except for the rare ones that are stored as a list of variable-length numbers.
/// </summary>
internal static class OnnxTensorReader
{
    private const int MaxTextBytes = 1 << 14;
    private const int MaxSizes = 16;
    private const int MaxExternalFields = 16;

    public static (string Name, Constant Tensor) Read(ProtobufReader message, ConstantPool pool)
    {
        var name = "";
        var sizes = new List<long>();
        long type = 0;
        ProtobufRange? raw = null;
        List<ProtobufRange>? packed = null;
        var numbers = new List<ProtobufReader>();
        Dictionary<string, string>? external = null;
        var isExternal = false;
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    message.AddIntegers(sizes, MaxSizes);
                    break;
                case 2:
                    type = message.Integer();
                    break;
                case 3:
                    throw message.Error("has a tensor in segments, which is not supported");
                case 4 or 10 when message.Wire == ProtobufWire.Length:
                    (packed ??= []).Add(message.Range());
                    break;
                case 5 or 7 when message.Wire == ProtobufWire.Length:
                    numbers.Add(message);
                    break;
                case 4 or 5 or 6 or 7 or 10 or 11:
                    // Writers pack numbers; one at a time, and texts, are in no model of ours.
                    throw message.Error(
                        $"has tensor '{name}' with elements in field {message.Field}, stored in a way that is not supported");
                case 8:
                    name = message.Text(MaxTextBytes);
                    break;
                case 9:
                    raw = message.Range();
                    break;
                case 13:
                    ReadPair(message.Message(), external ??= []);
                    break;
                case 14:
                    isExternal = message.Integer() == 1;
                    break;
            }
        }

        var element = ElementType(type) ?? throw message.Error($"has tensor '{name}' of elements of type {type}, which is not supported");
        long count = 1;
        foreach (var size in sizes)
        {
            if (size < 0) throw message.Error($"has tensor '{name}' with a negative size");
            if (size != 0 && count > long.MaxValue / 16 / size) throw message.Error($"has tensor '{name}' of an impossible size");
            count *= size;
        }

        if (count > Array.MaxLength / sizeof(float))
            throw message.Error($"has tensor '{name}' of {count} elements, more than a tensor of a supported model has");
        var shape = sizes.ToArray();
        var bytes = count * TensorTypes.SizeOf(element);
        if (isExternal) return (name, pool.External(name, element, shape, bytes, external ?? []));
        if (raw is { } one && packed is null && numbers.Count == 0) return (name, pool.Stored(name, element, shape, bytes, one));
        if (raw is null && packed is [var single] && numbers.Count == 0) return (name, pool.Stored(name, element, shape, bytes, single));
        if (raw is null && packed is null && numbers.Count > 0)
            return (name, pool.InMemory(name, element, shape, Decode(numbers, element, count, name)));
        return bytes == 0 && raw is null && packed is null
            ? (name, pool.InMemory(name, element, shape, []))
            : throw message.Error($"has tensor '{name}' without elements, or with several lists of them");
    }

    private static byte[] Decode(List<ProtobufReader> parts, TensorType type, long count, string name)
    {
        var size = TensorTypes.SizeOf(type);
        long most = 0;
        foreach (var part in parts) most += part.Range().Length;

        // Every number takes a byte of the file at least.
        if (count > most) throw parts[0].Error($"has tensor '{name}' with fewer elements than its shape says");
        var integers = new List<long>((int)Math.Min(count, 1 << 12));
        foreach (var part in parts) part.AddIntegers(integers, (int)Math.Min(count, int.MaxValue / 8));
        if (integers.Count != count)
            throw parts[0].Error($"has tensor '{name}' with {integers.Count} elements where its shape says {count}");
        var bytes = new byte[count * size];
        for (var i = 0; i < integers.Count; i++)
        {
            var to = bytes.AsSpan(i * size, size);
            switch (size)
            {
                case 1:
                    to[0] = type == TensorType.Bool ? (byte)(integers[i] != 0 ? 1 : 0) : (byte)integers[i];
                    break;
                case 2:
                    BinaryPrimitives.WriteInt16LittleEndian(to, (short)integers[i]);
                    break;
                case 4:
                    BinaryPrimitives.WriteInt32LittleEndian(to, (int)integers[i]);
                    break;
                default:
                    BinaryPrimitives.WriteInt64LittleEndian(to, integers[i]);
                    break;
            }
        }

        return bytes;
    }

    private static void ReadPair(ProtobufReader message, Dictionary<string, string> pairs)
    {
        if (pairs.Count >= MaxExternalFields) throw message.Error("has too many fields of external data");
        string key = "", value = "";
        while (message.Next())
        {
            if (message.Field == 1) key = message.Text(MaxTextBytes);
            else if (message.Field == 2) value = message.Text(MaxTextBytes);
        }

        pairs[key] = value;
    }

    /// <summary>
    /// Converts from TensorProto.DataType. Null for strings, complex numbers, large unsigned integers, 8-bit floats and 4-bit integers.
    /// </summary>
    public static TensorType? ElementType(long type) => type switch
    {
        1 => TensorType.Float32,
        2 => TensorType.UInt8,
        3 => TensorType.Int8,
        5 => TensorType.Int16,
        6 => TensorType.Int32,
        7 => TensorType.Int64,
        9 => TensorType.Bool,
        10 => TensorType.Float16,
        11 => TensorType.Float64,
        16 => TensorType.BFloat16,
        _ => null,
    };
}
