using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Fuzz;
using SqueezeBert.ModelFolders;
using static SqueezeBert.Fuzz.PyTorchBytes;

namespace SqueezeBert.Tests.ModelFolders.PyTorch;

/// <summary>
/// PyTorch's files against the reference's safetensors files of the same models, then what the small ones do not have: views, ties, types,
/// protocols.
/// </summary>
public sealed class PyTorchFileTests
{
    public static TheoryData<string> Models =>
        [.. Directory.EnumerateFiles(GoldenModels.Root, "pytorch_model.bin", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(Path.GetDirectoryName(path))!).Order(StringComparer.Ordinal)];

    [Fact]
    public void ThereAreModelsInBothLayouts()
    {
        Assert.Equal(6, Models.Count);
        Assert.Equal(
            (byte)'P', File.ReadAllBytes(Path.Combine(GoldenModels.Folder("squeezebert-sequence-classification"), "pytorch_model.bin"))[0]);
        Assert.Equal(0x80, File.ReadAllBytes(Path.Combine(GoldenModels.Folder("squeezebert-question-answering"), "pytorch_model.bin"))[0]);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void HasTheTensorsOfTheSafetensorsFile(string name)
    {
        using var expected = SafetensorsFile.Open(GoldenModels.Weights(name));
        using var actual = PyTorchFile.Open(Path.Combine(GoldenModels.Folder(name), "pytorch_model.bin"));

        foreach (var tensor in expected.Names) AssertSame(expected, tensor, actual, tensor);

        // safetensors leaves tied tensors out.
        var more = actual.Names.Except(expected.Names).ToList();
        Assert.All(more, tensor => Assert.StartsWith("cls.predictions.decoder.", tensor, StringComparison.Ordinal));
        if (more.Count > 0)
            AssertSame(expected, expected.Names.Single(tensor => tensor.EndsWith("word_embeddings.weight", StringComparison.Ordinal)),
                actual, "cls.predictions.decoder.weight");
    }

    [Fact]
    public void HalfPrecisionIsTheSafetensorsFiles()
    {
        using var expected = SafetensorsFile.Open(Format("float16.safetensors"));
        using var actual = PyTorchFile.Open(Format("float16.bin"));

        Assert.Equal(expected.Names.Order(StringComparer.Ordinal), actual.Names.Order(StringComparer.Ordinal));
        foreach (var tensor in expected.Names)
        {
            AssertSame(expected, tensor, actual, tensor);
            Assert.True(actual.TryGetTensor(tensor, out var info));
            Assert.Equal(TensorType.Float16, info.Type);
        }
    }

    [Theory]
    [InlineData("float16.safetensors")]
    [InlineData("bfloat16.safetensors")]
    [InlineData("float16.bin")]
    [InlineData("old-names.bin")]
    public void EveryFormatIsTheModelItWasMadeFrom(string file)
    {
        var isOld = file == "old-names.bin";
        using var model =
            SafetensorsFile.Open(GoldenModels.Weights(isOld ? "squeezebert-sequence-classification" : "squeezebert-token-classification"));
        using var format = WeightFiles.OpenFile(Format(file));
        var configuration = ModelConfiguration.Load(GoldenModels.Folder("squeezebert-sequence-classification"));
        var weights = new ModelWeights(format, configuration, file);

        foreach (var name in model.Names)
        {
            Assert.True(model.TryGetTensor(name, out var info));
            Assert.True(weights.TryFind(name, out var found), name);
            Assert.Equal(info.Shape, found.Shape);
            var expected = Floats(model, name);
            var actual = Floats(format, found.Name);
            Func<float, float> stored = found.Type switch
            {
                TensorType.Float16 => value => (float)(Half)value,

                // The reference made it from the half-precision model.
                TensorType.BFloat16 => value => RoundToBFloat16((float)(Half)value),
                _ => value => value,
            };
            AssertSameBits([.. expected.Select(stored)], actual, name);
        }

        var others = format.Names.Except(model.Names.Select(name => weights.TryFind(name, out var info) ? info.Name : name)).ToList();
        Assert.Equal(isOld ? ["transformer.embeddings.position_ids"] : [], others);
        if (!isOld) return;
        Assert.Contains("transformer.embeddings.LayerNorm.gamma", format.Names);
        var positions = new long[40];
        format.ReadInt64s("transformer.embeddings.position_ids", positions);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), positions);
    }

    [Theory]
    [InlineData(0, new long[] { 2, 3 }, new long[] { 3, 1 }, new float[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(6, new long[] { 2, 3 }, new long[] { 3, 1 }, new float[] { 6, 7, 8, 9, 10, 11 })]
    [InlineData(0, new long[] { 3, 4 }, new long[] { 1, 3 }, new float[] { 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11 })]
    [InlineData(1, new long[] { 2, 2, 2 }, new long[] { 6, 1, 3 }, new float[] { 1, 4, 2, 5, 7, 10, 8, 11 })]
    [InlineData(11, new long[] { }, new long[] { }, new float[] { 11 })]
    [InlineData(5, new long[] { 1, 3, 1 }, new long[] { 0, 2, 99 }, new float[] { 5, 7, 9 })]
    [InlineData(12, new long[] { 0, 3 }, new long[] { 1, 7 }, new float[] { })]
    [InlineData(2, new long[] { 5 }, new long[] { 2 }, new float[] { 2, 4, 6, 8, 10 })]
    public void ViewsAreReadInRowMajorOrder(long offset, long[] shape, long[] strides, float[] expected)
    {
        var storage = PyTorchBytes.Floats("0", [.. Enumerable.Range(0, 12).Select(i => (float)i)]);
        using var file = Open(OneTensor(storage, offset, shape, strides));

        Assert.True(file.TryGetTensor("x", out var info));
        Assert.Equal(shape, info.Shape);
        Assert.Equal(expected, Floats(file, "x"));
    }

    [Fact]
    public void ALongStridedViewIsReadInPieces()
    {
        var storage = PyTorchBytes.Floats("0", [.. Enumerable.Range(0, 200 * 150).Select(i => (float)i)]);
        using var file = Open(OneTensor(storage, 0, [150, 200], [1, 150]));

        var values = Floats(file, "x");

        for (var i = 0; i < 150; i++)
        {
            for (var j = 0; j < 200; j++) Assert.Equal(i + (150 * j), values[(i * 200) + j]);
        }
    }

    [Fact]
    public void TiedTensorsShareAStorageInBothLayouts()
    {
        var storage = PyTorchBytes.Floats("7", 1, 2, 3, 4);
        var pickle = new PyTorchBytes().OrderedDict().Op('(')
            .Text("a").Tensor(storage, 0, [2, 2], [2, 1])
            .Text("b").Tensor(storage, 2, [2], [1])
            .Text("c").Global("torch._utils", "_rebuild_parameter").Op('(').Tensor(storage, 0, [2, 2], [1, 2]).Op('\x88').OrderedDict()
            .Op('t').Op('R')
            .Op('u')
            .Op('}').Text("_metadata").OrderedDict().Op('s').Op('b')
            .End();

        foreach (var bytes in new[] { Zip(pickle, storage), Legacy(pickle, storage) })
        {
            using var file = Open(bytes);
            Assert.Equal(["a", "b", "c"], file.Names);
            Assert.Equal([1, 2, 3, 4], Floats(file, "a"));
            Assert.Equal([3, 4], Floats(file, "b"));
            Assert.Equal([1, 3, 2, 4], Floats(file, "c"));
        }
    }

    [Theory]
    [InlineData("FloatStorage", TensorType.Float32, new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC1 }, new float[] { 1, -10 })]
    [InlineData("HalfStorage", TensorType.Float16, new byte[] { 0, 0x3C, 1, 0 }, new float[] { 1, 5.9604645e-8f })]
    [InlineData("BFloat16Storage", TensorType.BFloat16, new byte[] { 0x80, 0x3F, 0xA0, 0xC0 }, new float[] { 1, -5 })]
    [InlineData("DoubleStorage", TensorType.Float64,
        new byte[] { 0x9A, 0x99, 0x99, 0x99, 0x99, 0x99, 0xB9, 0x3F, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F },
        new float[] { 0.1f, float.PositiveInfinity })]
    [InlineData("LongStorage", TensorType.Int64, new byte[] { 0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0, 0, 0, 0 },
        new float[] { -3, 1 })]
    [InlineData("IntStorage", TensorType.Int32, new byte[] { 0, 0, 0, 0x80, 1, 0, 0, 0 }, new float[] { -2147483648f, 1 })]
    [InlineData("ShortStorage", TensorType.Int16, new byte[] { 0xD4, 0xFE, 1, 0 }, new float[] { -300, 1 })]
    [InlineData("CharStorage", TensorType.Int8, new byte[] { 0xFF, 1 }, new float[] { -1, 1 })]
    [InlineData("ByteStorage", TensorType.UInt8, new byte[] { 0xFF, 1 }, new float[] { 255, 1 })]
    [InlineData("BoolStorage", TensorType.Bool, new byte[] { 0, 1 }, new float[] { 0, 1 })]
    public void EveryTypeIsConverted(string storageType, TensorType type, byte[] data, float[] expected)
    {
        var storage = new Storage("0", storageType, 2, data);
        foreach (var strides in new long[][] { [2, 1], [1, 1] })
        {
            using var file = Open(OneTensor(storage, 0, [1, 2], strides));
            Assert.True(file.TryGetTensor("x", out var info));
            Assert.Equal((type, data.Length), (info.Type, info.ByteCount));
            Assert.Equal(expected, Floats(file, "x"));
        }

        using var reversed = Open(OneTensor(storage, 0, [2, 1], [1, 2]));
        Assert.Equal(expected, Floats(reversed, "x"));
        if (type is TensorType.Float16 or TensorType.BFloat16 or TensorType.Float32 or TensorType.Float64)
        {
            Assert.Throws<ArgumentException>(() => reversed.ReadInt64s("x", new long[2]));
            return;
        }

        var integers = new long[2];
        reversed.ReadInt64s("x", integers);
        Assert.Equal(expected.Select(value => (long)value), integers);
    }

    [Fact]
    public void Protocol4IsRead()
    {
        var storage = PyTorchBytes.Floats("0", 5);
        static byte[] Short(string text) => [0x8C, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
        byte[] body =
        [
            (byte)'}', 0x94, .. Short("x"), 0x94, .. Short("torch._utils"), .. Short("_rebuild_tensor_v2"), 0x93, (byte)'(', (byte)'(',
            .. Short("storage"), .. Short("torch"), .. Short("FloatStorage"), 0x93,
            .. Short("0"), .. Short("cpu"), (byte)'K', 1, (byte)'t', (byte)'Q', (byte)'K', 0, (byte)'K', 1, 0x85, (byte)'J', 1, 0, 0, 0,
            0x85, 0x89, .. Short("collections"), .. Short("OrderedDict"), 0x93, (byte)')', (byte)'R',
            (byte)'t', (byte)'R', (byte)'s', (byte)'.',
        ];
        byte[] pickle = [0x80, 4, 0x95, (byte)body.Length, (byte)(body.Length >> 8), 0, 0, 0, 0, 0, 0, .. body];

        using var file = Open(Zip(pickle, storage));

        Assert.Equal([5], Floats(file, "x"));
    }

    [Fact]
    public void AFileThatShrinksWhileOpenIsAnError()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("an open file cannot be shortened on Windows");
        using var folder = new TemporaryFolder();
        var path = folder.Write("pytorch_model.bin", OneTensor(PyTorchBytes.Floats("0", 1, 2, 3, 4), 0, [2, 2], [1, 2]));
        using var file = PyTorchFile.Open(path);
        using (var shorten = new FileStream(path, FileMode.Open, FileAccess.Write,
            FileShare.ReadWrite | FileShare.Delete)) shorten.SetLength(100);

        var error = Assert.Throws<InvalidModelFileException>(() => file.ReadFloats("x", new float[4]));

        Assert.Equal(("x", path), (error.Item, error.File));
        Assert.Throws<ArgumentException>(() => file.ReadFloats("y", new float[4]));
        Assert.Throws<ArgumentException>(() => file.ReadFloats("x", new float[3]));
    }

    internal static PyTorchFile Open(byte[] bytes) => PyTorchFile.Open(ByteSource.InMemory("model.bin", bytes));

    internal static float[] Floats(ITensorSource source, string name)
    {
        Assert.True(source.TryGetTensor(name, out var info), name);
        var values = new float[info.ElementCount];
        source.ReadFloats(name, values);
        return values;
    }

    private static void AssertSame(ITensorSource expected, string expectedName, ITensorSource actual, string actualName)
    {
        Assert.True(expected.TryGetTensor(expectedName, out var expectedInfo));
        Assert.True(actual.TryGetTensor(actualName, out var actualInfo), actualName);
        Assert.Equal((expectedInfo.Type, string.Join(',', expectedInfo.Shape)), (actualInfo.Type, string.Join(',', actualInfo.Shape)));
        AssertSameBits(Floats(expected, expectedName), Floats(actual, actualName), actualName);
    }

    private static void AssertSameBits(float[] expected, float[] actual, string name) =>
        Assert.True(MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(actual)), name);

    private static string Format(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "formats", name);

    private static float RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
