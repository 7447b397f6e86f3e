using System.Buffers.Binary;
using System.Text;
using SqueezeBert.ModelFolders.PyTorch;

namespace SqueezeBert.Fuzz;

/// <summary>PyTorch checkpoints from their parts, right or wrong, as Python's pickler and torch.save lay them out.</summary>
internal sealed class PyTorchBytes
{
    private readonly List<byte> _bytes = [0x80, 2];

    /// <summary>A storage of a type of torch ("FloatStorage"), with its elements' bytes.</summary>
    public sealed record Storage(string Key, string Type, long Count, byte[] Data);

    public static Storage Floats(string key, params float[] values)
    {
        var data = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, data, 0, data.Length);
        return new Storage(key, "FloatStorage", values.Length, data);
    }

    /// <summary>A dictionary of one tensor "x".</summary>
    public static byte[] OneTensor(Storage storage, long offset, long[] shape, long[] strides) =>
        Zip(new PyTorchBytes().Op('}').Text("x").Tensor(storage, offset, shape, strides).Op('s').End(), storage);

    public PyTorchBytes Op(char opcode)
    {
        _bytes.Add((byte)opcode);
        return this;
    }

    public PyTorchBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PyTorchBytes Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op('X').Raw(length.ToArray()).Raw(utf8);
    }

    /// <summary>LONG1 of 8 bytes.</summary>
    public PyTorchBytes Integer(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op('\x8a').Raw(8).Raw(bytes.ToArray());
    }

    public PyTorchBytes Global(string module, string name) => Op('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    public PyTorchBytes Tuple(params long[] values)
    {
        Op('(');
        foreach (var value in values) Integer(value);
        return Op('t');
    }

    public PyTorchBytes OrderedDict() => Global("collections", "OrderedDict").Op(')').Op('R');

    public PyTorchBytes StorageReference(Storage storage) =>
        Op('(').Text("storage").Global("torch", storage.Type).Text(storage.Key).Text("cpu").Integer(storage.Count).Op('t').Op('Q');

    public PyTorchBytes Tensor(Storage storage, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').StorageReference(storage).Integer(offset).Tuple(shape).Tuple(strides)
            .Op('\x89').OrderedDict().Op('t').Op('R');

    public byte[] End() => [.. _bytes, (byte)'.'];

    public static byte[] Zip(byte[] pickle, params Storage[] storages) =>
        ZipOf([("m/data.pkl", pickle), ("m/byteorder", "little"u8.ToArray()),
            .. storages.Select(storage => ("m/data/" + storage.Key, storage.Data)), ("m/version", "3\n"u8.ToArray())]);

    /// <summary>A stored zip archive with true sizes and checksums in both headers.</summary>
    public static byte[] ZipOf(params (string Name, byte[] Data)[] entries)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        var offsets = new List<uint>();
        foreach (var (name, data) in entries)
        {
            offsets.Add((uint)stream.Position);
            writer.Write(0x04034b50u);
            writer.Write((ushort)0);
            WriteCommon(name, data);
            writer.Write(Encoding.UTF8.GetBytes(name));
            writer.Write(data);
        }

        var start = stream.Position;
        for (var i = 0; i < entries.Length; i++)
        {
            writer.Write(0x02014b50u);
            writer.Write(0u);
            WriteCommon(entries[i].Name, entries[i].Data);
            writer.Write(new byte[10]);
            writer.Write(offsets[i]);
            writer.Write(Encoding.UTF8.GetBytes(entries[i].Name));
        }

        var length = stream.Position - start;
        writer.Write(0x06054b50u);
        writer.Write(0u);
        writer.Write((ushort)entries.Length);
        writer.Write((ushort)entries.Length);
        writer.Write((uint)length);
        writer.Write((uint)start);
        writer.Write((ushort)0);
        return stream.ToArray();

        void WriteCommon(string name, byte[] data)
        {
            writer.Write((ushort)(1 << 11));
            writer.Write((ushort)0);
            writer.Write(0u);
            writer.Write(Crc32.Of(data));
            writer.Write(data.Length);
            writer.Write(data.Length);
            writer.Write((ushort)Encoding.UTF8.GetByteCount(name));
            writer.Write((ushort)0);
        }
    }

    /// <summary>The legacy layout around a pickled object.</summary>
    public static byte[] Legacy(byte[] pickle, params Storage[] storages)
    {
        var bytes = new List<byte>();
        bytes.AddRange(new PyTorchBytes().Op('\x8a').Raw(10).Raw(0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).End());
        bytes.AddRange(new PyTorchBytes().Integer(1001).End());
        bytes.AddRange(new PyTorchBytes().Op('}').Text("little_endian").Op('\x88').Op('s').End());
        bytes.AddRange(pickle);
        var keys = new PyTorchBytes().Op(']').Op('(');
        foreach (var storage in storages) keys.Text(storage.Key);
        bytes.AddRange(keys.Op('e').End());
        Span<byte> count = stackalloc byte[8];
        foreach (var storage in storages)
        {
            BinaryPrimitives.WriteInt64LittleEndian(count, storage.Count);
            bytes.AddRange(count.ToArray());
            bytes.AddRange(storage.Data);
        }

        return [.. bytes];
    }
}
