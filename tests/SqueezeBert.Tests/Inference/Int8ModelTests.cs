using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Inference.Operations;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Kernels.Scalar;
using SqueezeBert.Tests.ModelFolders;
using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Inference;

/// <summary>
/// Whole models in int8 against products that take rows of float32 and round them one element at a time, and against float32.
/// </summary>
public unsafe class Int8ModelTests
{
    public static TheoryData<string> ModelNames() => [.. GoldenModels.Folders.Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(ModelNames))]
    public void AModelHasTheBitsOfTheReference(string name)
    {
        Assert.SkipUnless(InstructionSets.HasFusedMultiplyAdd, "without fused multiply-add the scalar form has other bits");
        using var golden = new GoldenModel(name);
        using var twin = golden.Load(1, new TwinWeights());
        using var one = golden.Load(1, Int8Weights.Format);
        using var three = golden.Load(3, Int8Weights.Format);
        var texts = Enumerable.Range(0, golden.TextCount).ToList();
        foreach (var batch in new[] { golden.Batch(texts), golden.Batch(0), golden.Batch(Enumerable.Repeat(texts, 9).SelectMany(x => x)) })
        {
            var expected = Run(twin, batch);
            Assert.Equal(expected, Run(one, batch));
            Assert.Equal(expected, Run(three, batch));
        }
    }

    /// <summary>What the tiny models of the fixtures lose; those of real sizes lose less.</summary>
    [Theory]
    [MemberData(nameof(ModelNames))]
    public void AModelIsCloseToFloat32(string name)
    {
        using var golden = new GoldenModel(name);
        using var exact = golden.Load(1, WeightFormat.Float32);
        using var rounded = golden.Load(1, Int8Weights.Format);
        var batch = golden.Batch(Enumerable.Range(0, golden.TextCount));
        float[] expected = Run(exact, batch), actual = Run(rounded, batch);
        if (golden.Graph.Nodes.OfType<LinearNode>().Any()) Assert.NotEqual(expected, actual);
        Assert.InRange(Cosine(expected, actual), 0.995, 1.00001);
    }

    /// <summary>Wide enough for every tile and block of a real model, with rows that fill no block evenly.</summary>
    [Theory]
    [InlineData(4_000_000, 1 << 18)]
    [InlineData(0, 0)]
    [InlineData(0, long.MaxValue)]
    public void AModelOfRealWidthHasTheSameBitsWhateverTheThreads(long minimumWork, long cachedWeights)
    {
        var configuration = new SqueezeBertConfiguration
        {
            VocabularySize = 500,
            HiddenSize = 384,
            EmbeddingSize = 384,
            HeadCount = 6,
            LayerCount = 2,
            IntermediateSize = 1536,
            MaxPositionEmbeddings = 256,
        };
        var graph = ModelGraph.Create(configuration, ModelHead.None);
        using var one = new Engine(
            configuration, graph, new FormulaParameters(), new EngineOptions { Threads = 1, Weights = Int8Weights.Format });
        using var three = new Engine(
            configuration, graph, new FormulaParameters(), new EngineOptions
            {
                Threads = 3,
                Weights = Int8Weights.Format,
                Sharing = new SharingLimits { MinimumWork = minimumWork, CachedWeights = cachedWeights },
            });
        foreach (var lengths in new int[][] { [1], [7], [17, 1, 40], [129], [200, 3, 77, 31] })
        {
            var batch = new PackedBatch();
            foreach (var length in lengths) batch.Add([.. Enumerable.Range(0, length).Select(i => (i * 37) % 500)]);
            Assert.Equal(Run(one, batch), Run(three, batch));
        }
    }

    /// <summary>The scale of a row that is not finite reaches this text and no other.</summary>
    [Fact]
    public void ATextWithNumbersThatAreNotFiniteLeavesOthersAlone()
    {
        using var golden = new GoldenModel("squeezebert-sequence-classification");
        var words = golden.Graph.Nodes.OfType<EmbedNode>().First().Tables.First(table => table.Index == EmbeddingIndex.TokenId).Weight;
        var poisoned = new PoisonedWeights(golden.Folder.Weights, words.Leaves.Single(), 7);
        using var model = new Engine(
            golden.Folder.Configuration, golden.Graph, poisoned, new EngineOptions { Threads = 1, Weights = Int8Weights.Format });
        using var session = model.CreateSession(OutputNames.LastHiddenState);
        var batch = new PackedBatch();
        batch.Add([1, 2, 3, 4]);
        session.Run(batch);
        var alone = session.GetOutput(OutputNames.LastHiddenState).ToArray();
        Assert.DoesNotContain(alone, float.IsNaN);
        batch.Add([1, 7, 3]);
        session.Run(batch);
        var both = session.GetOutput(OutputNames.LastHiddenState).ToArray();
        Assert.Equal(alone, both[..alone.Length]);
        Assert.All(both[alone.Length..], x => Assert.True(float.IsNaN(x)));
    }

    /// <summary>A quarter in bytes, and a half in words.</summary>
    [Fact]
    public void WeightsTakeAQuarterOfTheMemoryOrAHalf()
    {
        var configuration = new BertConfiguration { VocabularySize = 10, LayerCount = 2 };
        var graph = ModelGraph.Create(configuration, ModelHead.None);
        long exact = Bytes(WeightFormat.Float32), rounded = Bytes(Int8Weights.Format);
        var share = Int8Forms.LayoutOf(Int8Forms.Selected) == Int8Layout.Words ? 0.5 : 0.25;
        Assert.InRange((double)rounded / exact, share, share + 0.05);

        long Bytes(WeightFormat format)
        {
            using var weights = new PackedWeights(graph.Nodes, new FormulaParameters(), WorkerPool.Shared, format);
            return weights.ByteCount;
        }
    }

    /// <summary>Query, key and value share their rows, and a norm writes both forms.</summary>
    [Fact]
    public void ARowIsRoundedOnceForAllLayersThatReadIt()
    {
        using var golden = new GoldenModel("bert-encoder");
        using var weights = new PackedWeights(golden.Graph.Nodes, golden.Folder.Weights, WorkerPool.Shared, Int8Weights.Format);
        var plan = PlanBuilder.Build(golden.Graph, weights, [OutputNames.LastHiddenState]);
        var operations = plan.Segments.SelectMany(segment => segment.RowOperations).ToList();
        var layers = plan.Segments.Count(segment => segment.Sequence is AttentionOperation);
        Assert.Equal(2 * layers, operations.OfType<NormOperation>().Sum(norm => norm.Encodings.Count));
        Assert.Equal(layers, operations.OfType<EncodeOperation>().Count());
    }

    private static double Cosine(float[] x, float[] y)
    {
        double product = 0, xx = 0, yy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            product += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }

        return product / Math.Sqrt(xx * yy);
    }

    private static float[] Run(Engine model, PackedBatch batch)
    {
        var outputs = model.OutputNames.Where(name => !name.StartsWith("attentions.", StringComparison.Ordinal)).ToList();
        using var session = model.CreateSession(outputs);
        session.Run(batch);
        return [.. outputs.SelectMany(output => session.GetOutput(output).ToArray())];
    }

    private sealed class TwinWeights : WeightFormat
    {
        public override long SizeOf(int k, int n) => ((long)k * n) + (n * sizeof(float)) + 64;

        public override PackedProduct Create(int k, int n, byte* memory) => new TwinProduct(k, n);
    }

    /// <summary>Rounds rows of float32 itself, so that nothing of the engine's encodings is in it.</summary>
    private sealed class TwinProduct(int k, int n) : PackedProduct(k, n)
    {
        private readonly int[][] _columns = new int[n][];
        private readonly float[] _scales = new float[n];

        public override int PanelCount => 1;

        public override RowFormat InputFormat => RowFormat.Float32;

        public override bool CanOverwriteResidual => true;

        public override byte* Start => null;

        public override nint StartByteCount => 0;

        public override void Pack(float* source, nint kStride, nint nStride)
        {
            for (var j = 0; j < Columns; j++)
            {
                var column = new float[Rows];
                for (var i = 0; i < Rows; i++) column[i] = source[(i * kStride) + (j * nStride)];
                (_columns[j], _scales[j]) = Round(column);
            }
        }

        public override void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue)
        {
            for (var i = 0; i < input.Count; i++)
            {
                var (row, scale) = Round(new((float*)input.Row(i), Rows));
                for (var j = 0; j < Columns; j++)
                {
                    var sum = 0L;
                    for (var l = 0; l < Rows; l++) sum += row[l] * _columns[j][l];
                    var product = scale * _scales[j];
                    output.Row(i)[j] = ScalarProduct.Finish(sum * product, i, j, epilogue);
                }
            }
        }

        private static (int[] Numbers, float Scale) Round(ReadOnlySpan<float> x)
        {
            var largest = 0f;
            foreach (var value in x)
            {
                if (!float.IsFinite(value)) return (new int[x.Length], float.NaN);
                largest = Math.Max(largest, Math.Abs(value));
            }

            if (largest < Math.Pow(2, -100)) return (new int[x.Length], 0f);
            var numbers = new int[x.Length];
            for (var i = 0; i < numbers.Length; i++) numbers[i] = (int)MathF.Round(x[i] * (127 / largest));
            return (numbers, largest / 127);
        }
    }

    /// <summary>One row of a table is infinite.</summary>
    private sealed class PoisonedWeights(IParameterSource source, Parameter table, int row) : IParameterSource
    {
        public void Read(Parameter parameter, Span<float> destination)
        {
            source.Read(parameter, destination);
            if (parameter == table) destination[row * table.Columns] = float.PositiveInfinity;
        }
    }
}
