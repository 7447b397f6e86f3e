using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.ModelFolders.Quantization;
using SqueezeBert.Tests.Inference;
using SqueezeBert.Threading;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.ModelFolders.Quantization;

/// <summary>Models with weights in int8 and tables in int8 or int4, from the file to the outputs.</summary>
public sealed class QuantizedModelTests : IDisposable
{
    private const string Classifier = "squeezebert-sequence-classification";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>All but static embeddings, which have no layers.</summary>
    public static TheoryData<string> ModelNames()
    {
        var names = new TheoryData<string>();
        foreach (var folder in GoldenModels.Folders)
        {
            using var golden = new GoldenModel(Path.GetFileName(folder)!);
            if (golden.Graph.Nodes.OfType<LinearNode>().Any()) names.Add(Path.GetFileName(folder)!);
        }

        return names;
    }

    /// <summary>Rounded on disk or rounded on loading, a model is the same.</summary>
    [Theory]
    [MemberData(nameof(ModelNames))]
    public void AFileHasTheBitsOfWeightsThatAreRoundedOnLoading(string name)
    {
        using var golden = new GoldenModel(name);
        using var rounded = golden.Load(1, Int8Weights.Format);
        using var folder = ModelFolder.Open(QuantizedFiles.Save(name, _folder.File("model"), TablePrecision.Float32));
        using var loaded = Load(golden, folder, null);
        Assert.IsType<Int8Weights>(loaded.Weights);
        Assert.Equal(rounded.WeightBytes, loaded.WeightBytes);
        var batch = golden.Batch(Enumerable.Range(0, golden.TextCount));
        Assert.Equal(Run(rounded, batch), Run(loaded, batch));
    }

    /// <summary>
    /// Tables are looked up as integers in every precision of the layers, with the bits of a file that holds the numbers themselves.
    /// </summary>
    [Theory]
    [MemberData(nameof(ModelNames))]
    public void TablesOfIntegersHaveTheBitsOfTheNumbersThatTheyStandFor(string name)
    {
        using var golden = new GoldenModel(name);
        var batch = golden.Batch(Enumerable.Range(0, golden.TextCount));
        using var exact = golden.Load(1, WeightFormat.Float32);
        var expected = Run(exact, batch);
        foreach (var tables in (TablePrecision[])[TablePrecision.Int8, TablePrecision.Int4])
        {
            using var folder = ModelFolder.Open(QuantizedFiles.Save(name, _folder.File($"{tables}"), tables));
            ModelFolder.Save(_folder.File($"{tables}-numbers"), folder.Configuration, QuantizedFiles.Tensors(folder));
            using var numbers = ModelFolder.Open(_folder.File($"{tables}-numbers"));
            Assert.Null(numbers.Configuration.ToJson()["quantization_config"]);
            using var one = Load(golden, folder, WeightFormat.Float32);
            using var other = Load(golden, numbers, WeightFormat.Float32);
            var actual = Run(one, batch);
            Assert.Equal(Run(other, batch), actual);
            Assert.True(one.WeightBytes < other.WeightBytes);
            using var small = Load(golden, folder, null);
            Assert.True(small.WeightBytes < one.WeightBytes);
            Assert.InRange(Cosine(expected, Run(small, batch)), tables == TablePrecision.Int8 ? 0.99 : 0.9, 1.0001);
        }
    }

    /// <summary>Rows of the reference's layout, worked out by hand.</summary>
    [Fact]
    public void RowsAreWrittenInTheReferencesLayout()
    {
        float[] values = [7, -7, 4, -1, 0, 1, 2, 3, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var (rows, scales) = RowQuantizer.Quantize(values, 10, StoredForm.Int4, "x");
        Assert.Equal([1f, 1f], scales);
        Assert.Equal(16, rows.Length);
        uint[] words = [.. Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(rows.AsSpan(4 * i)))];

        // Each has 8 added.
        Assert.Equal([0xBA98_7C1Fu, 0x0000_0086u, 0x8888_8888u, 0x0000_0088u], words);
        (rows, scales) = RowQuantizer.Quantize([127f, -127f, 0.5f, 1.5f, 0, 0, 0, 0], 4, StoredForm.Int8, "x");
        Assert.Equal([1f, 1f], scales);
        Assert.Equal<sbyte>([127, -127, 0, 2, 0, 0, 0, 0], MemoryMarshal.Cast<byte, sbyte>(rows).ToArray());
        foreach (var form in (StoredForm[])[StoredForm.Int8, StoredForm.Int4])
        {
            foreach (var value in (float[])[float.NaN, float.PositiveInfinity])
            {
                var error = Assert.Throws<ArgumentException>(() => RowQuantizer.Quantize([1, value], 1, form, "x"));
                Assert.Contains("'x': row 1", error.Message, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>
    /// Integers are within half a step, a row's largest is the limit, and in 4 bits a scale of the largest would not be better.
    /// </summary>
    [Theory]
    [InlineData(StoredForm.Int8, 127)]
    [InlineData(StoredForm.Int4, 7)]
    internal void ARowIsRoundedToTheNearest(StoredForm form, int limit)
    {
        var random = new Random(1);
        var better = 0;
        for (var columns = 1; columns < 70; columns++)
        {
            var values = new float[3 * columns];
            foreach (ref var value in values.AsSpan()) value = (float)(random.NextDouble() - 0.5);
            var (rows, scales) = RowQuantizer.Quantize(values, columns, form, "x");
            var rowBytes = (int)StoredForms.RowBytes(form, columns);
            for (var row = 0; row < 3; row++)
            {
                var bytes = rows.AsSpan(row * rowBytes, rowBytes);
                var largest = 0;
                double error = 0, plainError = 0;
                var plain = Enumerable.Range(row * columns, columns).Max(i => Math.Abs(values[i])) / limit;
                for (var i = 0; i < columns; i++)
                {
                    var number = form == StoredForm.Int8 ? (sbyte)bytes[i] : StoredForms.Int4At(bytes, i);
                    largest = Math.Max(largest, Math.Abs(number));
                    var value = values[(row * columns) + i];
                    error += Math.Pow((number * scales[row]) - value, 2);
                    plainError += Math.Pow((MathF.Round(value / plain) * plain) - value, 2);
                    if (form == StoredForm.Int4 && Math.Abs(value) > limit * scales[row]) Assert.Equal(limit * Math.Sign(value), number);
                    else Assert.InRange(Math.Abs((number * scales[row]) - value), 0, 0.50001 * scales[row]);
                }

                Assert.Equal(limit, largest);
                Assert.InRange(error, 0, plainError * 1.00001);
                better += error < 0.99 * plainError ? 1 : 0;
            }
        }

        Assert.Equal(form == StoredForm.Int4, better > 0);
    }

    /// <summary>What llm-compressor writes: scales in bfloat16, -128 where rounding gives it, 8 bits in words, weights only.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FilesOfOthersAreRead(bool isPacked)
    {
        var folder = QuantizedFiles.Save(Classifier, _folder.File("others"), TablePrecision.Float32);
        var tensors = QuantizedFiles.Read(folder);
        foreach (var name in tensors.Keys.Where(name => tensors[name].Type == TensorType.Int8).ToList())
        {
            var (_, shape, bytes) = tensors[name];
            bytes[0] = 0x80;
            var (_, scaleShape, scales) = tensors[name + "_scale"];
            tensors[name + "_scale"] = (TensorType.BFloat16, [scaleShape[0], 1],
                [.. Enumerable.Range(0, scales.Length / 4).SelectMany(i => new[] { scales[(4 * i) + 2], scales[(4 * i) + 3] })]);
            if (!isPacked) continue;
            var columns = bytes.Length / (int)shape[0];
            var rowBytes = (columns + 3) / 4 * 4;
            var packed = new byte[shape[0] * rowBytes];
            for (var i = 0; i < bytes.Length; i++) packed[(i / columns * rowBytes) + (i % columns)] = (byte)((sbyte)bytes[i] + 128);
            tensors.Remove(name);
            tensors[name + "_packed"] = (TensorType.Int32, [shape[0], rowBytes / 4], packed);
            tensors[name + "_shape"] = (TensorType.Int64, [shape.Length], MemoryMarshal.AsBytes<long>(shape).ToArray());
        }

        using (var plain = new GoldenModel(Classifier))
        {
            var before = QuantizedFiles.Read(folder);
            QuantizedFiles.Write(folder, tensors);
            QuantizedFiles.Change(folder, json =>
            {
                var group = json["config_groups"]!["group_0"]!.AsObject();
                group["input_activations"] = null;
                group["targets"] = new System.Text.Json.Nodes.JsonArray("Linear");
                if (isPacked) (json["format"], group["format"]) = ("pack-quantized", null);
            });
            using var open = ModelFolder.Open(folder);
            Assert.False(open.Weights.ComputesInInt8);
            foreach (var name in before.Keys.Where(name => before[name].Type == TensorType.Int8))
            {
                Assert.True(open.Tensors.TryGetTensor(name, out var info));
                Assert.Equal(before[name].Shape, info.Shape.ToArray());
                var values = new float[info.ElementCount];
                open.Tensors.ReadFloats(name, values);
                for (var i = 0; i < values.Length; i++)
                {
                    var row = i / (values.Length / (int)info.Shape[0]);
                    var scale = BitConverter.UInt32BitsToSingle(
                        BinaryPrimitives.ReadUInt32LittleEndian(before[name + "_scale"].Bytes.AsSpan(4 * row)) & 0xFFFF0000);
                    Assert.Equal((i == 0 ? -128 : (sbyte)before[name].Bytes[i]) * scale, values[i]);
                }
            }

            using var numbers = Load(plain, open, null);
            Assert.Same(WeightFormat.Float32, numbers.Weights);
            using var integers = Load(plain, open, Int8Weights.Format);
            var batch = plain.Batch(0);
            Assert.InRange(Cosine(Run(numbers, batch), Run(integers, batch)), 0.99, 1.0001);
        }
    }

    /// <summary>Neither linear layers nor tables become numbers on the way: only the smallest parts are read as such.</summary>
    [Fact]
    public void NoLargeParameterIsReadAsNumbers()
    {
        using var golden = new GoldenModel(Classifier);
        using var folder = ModelFolder.Open(QuantizedFiles.Save(Classifier, _folder.File("model"), TablePrecision.Int4));
        var source = new CountingSource(folder.Weights);
        using var weights = new PackedWeights(golden.Graph.Nodes, source, WorkerPool.Shared, Int8Weights.Format);
        Assert.NotEmpty(source.Numbers);
        Assert.All(source.Numbers, parameter => Assert.True(
            parameter.Kind is ParameterKind.Bias or ParameterKind.NormWeight or ParameterKind.NormBias, parameter.ToString()));
    }

    [Fact]
    public void PipelinesFilesInMemoryAndFingerprintsWork()
    {
        var path = QuantizedFiles.Save(Classifier, _folder.File("model"), TablePrecision.Int4);
        var vocabulary = BertTokenizer.FromVocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a"]);
        vocabulary.Save(path);
        var files = Directory.EnumerateFiles(path).ToDictionary(file => Path.GetFileName(file)!, file =>
            (ReadOnlyMemory<byte>)File.ReadAllBytes(file));
        using var disk = InferenceModel.Load(path);
        using var memory = InferenceModel.Load(ModelSource.FromFiles(files));
        using var folder = ModelFolder.Open(path);
        ModelFolder.Save(_folder.File("numbers"), disk.Configuration, QuantizedFiles.Tensors(folder), tokenizer: vocabulary);
        using var original = InferenceModel.Load(_folder.File("numbers"));
        Assert.Equal(disk.Fingerprint, memory.Fingerprint);
        Assert.NotEqual(original.Fingerprint, disk.Fingerprint);
        var batch = new PackedBatch();
        batch.Add([1, 2, 3]);
        using ModelSession one = disk.CreateSession("logits"), other = memory.CreateSession("logits");
        one.Run(batch);
        other.Run(batch);
        Assert.Equal(one.GetOutput("logits"), other.GetOutput("logits"));

        // Files that are quantized are computed in int8 unless float32 is asked for.
        var logits = one.GetOutput("logits").ToArray();
        Assert.Equal(logits, Logits(Precision.Int8));
        Assert.NotEqual(logits, Logits(Precision.Float32));

        float[] Logits(Precision precision)
        {
            using var model = InferenceModel.Load(path, new ModelOptions { Precision = precision });
            using var session = model.CreateSession("logits");
            session.Run(batch);
            return session.GetOutput("logits").ToArray();
        }
    }

    private static Engine Load(GoldenModel golden, ModelFolder folder, WeightFormat? weights) =>
        new(folder.Configuration, golden.Graph, folder.Weights, new EngineOptions { Threads = 1, Weights = weights });

    private static float[] Run(Engine model, PackedBatch batch)
    {
        var outputs = model.OutputNames.Where(name => !name.StartsWith("attentions.", StringComparison.Ordinal)).ToList();
        using var session = model.CreateSession(outputs);
        session.Run(batch);
        return [.. outputs.SelectMany(output => session.GetOutput(output).ToArray())];
    }

    private static double Cosine(float[] x, float[] y)
    {
        double product = 0, xx = 0, yy = 0;
        foreach (var (a, b) in x.Zip(y))
        {
            // Tokens that a model never gives are minus infinity.
            if (!float.IsFinite(a)) continue;
            (product, xx, yy) = (product + ((double)a * b), xx + ((double)a * a), yy + ((double)b * b));
        }

        return product / Math.Sqrt(xx * yy);
    }

    private sealed class CountingSource(SqueezeBert.ModelFolders.ModelWeights weights) : IParameterSource
    {
        public List<Parameter> Numbers { get; } = [];

        public StoredForm FormOf(Parameter parameter) => weights.FormOf(parameter);

        public void Read(Parameter parameter, Span<float> destination)
        {
            lock (Numbers) Numbers.Add(parameter);
            weights.Read(parameter, destination);
        }

        public void ReadRows(Parameter parameter, Span<byte> rows, Span<float> scales) => weights.ReadRows(parameter, rows, scales);
    }
}
