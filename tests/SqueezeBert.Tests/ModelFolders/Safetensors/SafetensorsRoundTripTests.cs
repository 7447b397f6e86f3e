using CsCheck;
using SqueezeBert.Checkpoints;
using static SqueezeBert.Tests.ModelFolders.Safetensors.SafetensorsBytes;

namespace SqueezeBert.Tests.ModelFolders.Safetensors;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private static readonly Gen<float> Any = Gen.UInt.Select(BitConverter.UInt32BitsToSingle);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FloatsComeBackBitForBit()
    {
        var tensor = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 7], Gen.Int[1, 3]).SelectMany(
            shape => Any.Array[shape.Item1 * shape.Item2 * shape.Item3]
                .Select(data => (Shape: new long[] { shape.Item1, shape.Item2, shape.Item3 }, Data: data)));
        Gen.Select(Gen.Dictionary(Gen.String.Where(IsName), tensor)[0, 6],
            Gen.Dictionary(Gen.String.Where(IsText), Gen.String.Where(IsText))[0, 3]).Sample(
            (tensors, metadata) =>
            {
                var writer = new SafetensorsWriter();
                foreach (var (name, value) in metadata) writer.Metadata[name] = value;
                foreach (var (name, (shape, data)) in tensors) writer.Add(name, shape, data);
                var path = _folder.File(Guid.NewGuid() + ".safetensors");
                writer.Save(path);

                using var file = SafetensorsFile.Open(path);
                Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), file.Names.Order(StringComparer.Ordinal));
                Assert.Equal(writer.Metadata, file.Metadata);
                foreach (var (name, (shape, data)) in tensors)
                {
                    Assert.True(file.TryGetTensor(name, out var info));
                    Assert.Equal(shape, info.Shape);
                    var read = new float[data.Length];
                    file.ReadFloats(name, read);
                    Assert.Equal(data.Select(BitConverter.SingleToUInt32Bits), read.Select(BitConverter.SingleToUInt32Bits));
                }
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void TheBytesDoNotDependOnTheOrder()
    {
        static byte[] Save(IEnumerable<string> names)
        {
            var writer = new SafetensorsWriter();
            foreach (var name in names)
                writer.Add(name, [1], new[] { (float)name.Length }, name[0] == 'h' ? TensorType.Float16 : TensorType.Float32);
            using var stream = new MemoryStream();
            writer.Save(stream);
            return stream.ToArray();
        }

        string[] names = ["b", "a", "ha", "a.b", "\uE000", "\U00010000", "hb"];
        Assert.Equal(Save(names), Save(names.Reverse()));
    }

    [Fact]
    public void IntegersAndFloatsHaveTheReferencesOrder()
    {
        var path = Path.Combine(GoldenModels.Folder("squeezebert-sequence-classification"), "expected.safetensors");
        using var file = SafetensorsFile.Open(path);
        var writer = new SafetensorsWriter();
        writer.Metadata.Clear();
        foreach (var (name, value) in file.Metadata) writer.Metadata[name] = value;
        foreach (var name in file.Names)
        {
            Assert.True(file.TryGetTensor(name, out var info));
            if (info.Type == TensorType.Int64)
            {
                var integers = new long[info.ElementCount];
                file.ReadInt64s(name, integers);
                writer.Add(name, info.Shape, integers);
            }
            else
            {
                var floats = new float[info.ElementCount];
                file.ReadFloats(name, floats);
                writer.Add(name, info.Shape, floats);
            }
        }

        using var stream = new MemoryStream();
        writer.Save(stream);

        Assert.Contains(file.Names, name => file.TryGetTensor(name, out var info) && info.Type == TensorType.Int64);
        Assert.Equal(System.IO.File.ReadAllBytes(path), stream.ToArray());
    }

    [Fact]
    public void EveryTypeIsConverted()
    {
        var header = "{" + string.Join(
            ",",
            Tensor("f64", "F64", "2", "0,16"),
            Tensor("i64", "I64", "1", "16,24"),
            Tensor("i32", "I32", "1", "24,28"),
            Tensor("i16", "I16", "1", "28,30"),
            Tensor("f16", "F16", "3", "30,36"),
            Tensor("bf16", "BF16", "2", "36,40"),
            Tensor("i8", "I8", "1", "40,41"),
            Tensor("u8", "U8", "1", "41,42"),
            Tensor("bool", "BOOL", "2", "42,44")) + "}";
        var bytes = File(header, 44);
        var data = bytes.AsSpan(bytes.Length - 44);
        BitConverter.TryWriteBytes(data, 0.1);
        BitConverter.TryWriteBytes(data[8..], double.NegativeInfinity);
        BitConverter.TryWriteBytes(data[16..], -3L);
        BitConverter.TryWriteBytes(data[24..], int.MinValue);
        BitConverter.TryWriteBytes(data[28..], (short)-300);
        BitConverter.TryWriteBytes(data[30..], (ushort)0x3C00);
        BitConverter.TryWriteBytes(data[32..], (ushort)0x0001);
        BitConverter.TryWriteBytes(data[34..], (ushort)0xFC00);
        BitConverter.TryWriteBytes(data[36..], (ushort)0x3F80);
        BitConverter.TryWriteBytes(data[38..], (ushort)0xC0A0);
        data[40] = 0xFF;
        data[41] = 0xFF;
        data[43] = 1;
        using var file = SafetensorsFile.Open(_folder.Write("model.safetensors", bytes));

        float[] Read(string name)
        {
            Assert.True(file.TryGetTensor(name, out var info));
            var values = new float[info.ElementCount];
            file.ReadFloats(name, values);
            return values;
        }

        Assert.Equal([0.1f, float.NegativeInfinity], Read("f64"));
        Assert.Equal([-3f], Read("i64"));
        Assert.Equal([-2147483648f], Read("i32"));
        Assert.Equal([-300f], Read("i16"));
        Assert.Equal([1f, 5.9604645e-8f, float.NegativeInfinity], Read("f16"));
        Assert.Equal([1f, -5f], Read("bf16"));
        Assert.Equal([-1f], Read("i8"));
        Assert.Equal([255f], Read("u8"));
        Assert.Equal([0f, 1f], Read("bool"));
        var integer = new long[1];
        file.ReadInt64s("i32", integer);
        Assert.Equal([int.MinValue], integer);
        Assert.Throws<ArgumentException>(() => file.ReadInt64s("f16", new long[3]));
        Assert.Throws<ArgumentException>(() => file.ReadFloats("f16", new float[2]));
        Assert.Throws<ArgumentException>(() => file.ReadFloats("f15", new float[2]));
    }

    [Theory]
    [InlineData(TensorType.Float16, 1.00048828125f, 1f)]
    [InlineData(TensorType.Float16, 1.00146484375f, 1.001953125f)]
    [InlineData(TensorType.Float16, 65519f, 65504f)]
    [InlineData(TensorType.Float16, float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(TensorType.BFloat16, 1.00390625f, 1f)]
    [InlineData(TensorType.BFloat16, 1.01171875f, 1.015625f)]
    [InlineData(TensorType.BFloat16, float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData(TensorType.BFloat16, float.NaN, float.NaN)]
    public void HalvesRoundToTheNearestEven(TensorType type, float value, float expected)
    {
        var writer = new SafetensorsWriter();
        writer.Add("x", [1], new[] { value }, type);
        writer.Save(_folder.File("x.safetensors"));
        using var file = SafetensorsFile.Open(_folder.File("x.safetensors"));

        var read = new float[1];
        file.ReadFloats("x", read);

        Assert.Equal(expected, read[0]);
    }

    [Theory]
    [InlineData(TensorType.Float16, 65520f)]
    [InlineData(TensorType.BFloat16, float.MaxValue)]
    public void AValueThatWouldBecomeInfiniteIsAnErrorAndTheOldFileStays(TensorType type, float value)
    {
        var path = _folder.Write("x.safetensors", [1, 2, 3]);
        var writer = new SafetensorsWriter();
        writer.Add("layer.weight", [1], new[] { value }, type);

        var error = Assert.Throws<OverflowException>(() => writer.Save(path));

        Assert.Contains("'layer.weight'", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], System.IO.File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void WhatCannotBeWrittenIsRefused()
    {
        var writer = new SafetensorsWriter();
        writer.Add("x", [2], new float[2]);

        Assert.Throws<ArgumentException>(() => writer.Add("x", [2], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", [3], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", [2], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("", [2], new float[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", [2], new float[2], TensorType.Int32));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add("y", [-1, -2], new float[2]));
    }

    private static bool IsText(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    private static bool IsName(string text) => text.Length > 0 && IsText(text);
}
