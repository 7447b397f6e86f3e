using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Inference.Operations;
using SqueezeBert.Kernels;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Scalar;
using SqueezeBert.Threading;

namespace SqueezeBert.Tests.Inference;

/// <summary>
/// A second precision, which lives in this file alone: weights in float16, multiplied one element at a time, once with rows of float32 and
/// once with rows in a format of its own. A model with it has the bits of the model whose weights were rounded before.
/// </summary>
public unsafe class Float16ProductTests
{
    private static readonly string[] Models =
    [
        "squeezebert-sequence-classification", "squeezebert-mixed-groups", "mobilebert-encoder", "mobilebert-layer-norm",
        "separable-encoder", "bert-encoder", "tinybert-sequence-classification",
    ];

    public static TheoryData<string, int, bool> Cases()
    {
        var data = new TheoryData<string, int, bool>();
        foreach (var model in Models)
        {
            foreach (var threads in new[] { 1, 3 })
            {
                data.Add(model, threads, false);
                data.Add(model, threads, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AModelWithFloat16WeightsIsTheModelOfRoundedWeights(string name, int threads, bool encodesRows)
    {
        Assert.SkipUnless(InstructionSets.HasFusedMultiplyAdd, "without fused multiply-add the scalar form has other bits");
        using var golden = new GoldenModel(name);
        using var half = Load(golden, golden.Folder.Weights, threads, new Float16Weights(encodesRows));
        using var rounded = Load(golden, new RoundedWeights(golden.Folder.Weights, golden.Graph), threads, WeightFormat.Float32);
        using var plain = Load(golden, golden.Folder.Weights, threads, WeightFormat.Float32);
        var texts = Enumerable.Range(0, golden.TextCount).ToList();
        foreach (var batch in new[] { golden.Batch(texts), golden.Batch(0), golden.Batch(Enumerable.Repeat(texts, 9).SelectMany(x => x)) })
        {
            Assert.Equal(Run(rounded, batch), Run(half, batch));
            Assert.NotEqual(Run(plain, batch), Run(half, batch));
        }
    }

    [Fact]
    public void ARowIsEncodedOnceForAllLayersThatReadIt()
    {
        using var golden = new GoldenModel("bert-encoder");
        using var weights = new PackedWeights(golden.Graph.Nodes, golden.Folder.Weights, WorkerPool.Shared, new Float16Weights(true));
        var plan = PlanBuilder.Build(golden.Graph, weights, [OutputNames.LastHiddenState]);
        var operations = plan.Segments.SelectMany(segment => segment.RowOperations).ToList();
        var layers = plan.Segments.Count(segment => segment.Sequence is AttentionOperation);

        // Query, key and value share the rows that the norm before them has written; the feed-forward has those of the norm before it, and
        // only what attention gives is encoded by an operation of its own.
        Assert.Equal(2 * layers, operations.OfType<NormOperation>().Sum(norm => norm.Encodings.Count));
        Assert.Equal(layers, operations.OfType<EncodeOperation>().Count());
        Assert.All(operations.OfType<LinearOperation>(), linear => Assert.Same(DoubleRows.Format, linear.Input.Format));
    }

    private static Engine Load(GoldenModel golden, IParameterSource source, int threads, WeightFormat format) =>
        new(golden.Folder.Configuration, golden.Graph, source, new EngineOptions
        {
            Threads = threads,
            Weights = format,
            Sharing = new SharingLimits { MinimumWork = 0, CachedWeights = 0 },
        });

    private static float[] Run(Engine model, PackedBatch batch)
    {
        var outputs = model.OutputNames.Where(name => !name.StartsWith("attentions.", StringComparison.Ordinal)).ToList();
        using var session = model.CreateSession(outputs);
        session.Run(batch);
        return [.. outputs.SelectMany(output => session.GetOutput(output).ToArray())];
    }

    private sealed class Float16Weights(bool encodesRows) : WeightFormat
    {
        public override long SizeOf(int k, int n) => 2L * k * n;

        public override PackedProduct Create(int k, int n, byte* memory) => new Float16Product(k, n, (Half*)memory, encodesRows);
    }

    private sealed class Float16Product(int k, int n, Half* weights, bool encodesRows) : PackedProduct(k, n)
    {
        private const int PanelWidth = 8;

        public override int PanelCount => (Columns + PanelWidth - 1) / PanelWidth;

        public override RowFormat InputFormat => encodesRows ? DoubleRows.Format : RowFormat.Float32;

        public override bool CanOverwriteResidual => true;

        public override byte* Start => (byte*)weights;

        public override nint StartByteCount => 2 * Columns;

        public override void Pack(float* source, nint kStride, nint nStride)
        {
            for (var i = 0; i < Rows; i++)
            {
                for (var j = 0; j < Columns; j++) weights[(i * Columns) + j] = (Half)source[(i * kStride) + (j * nStride)];
            }
        }

        public override void Multiply(EncodedRows input, int firstPanel, int panelCount, Matrix output, in Epilogue epilogue)
        {
            var end = Math.Min(Columns, (firstPanel + panelCount) * PanelWidth);
            for (var row = 0; row < input.Count; row++)
            {
                for (var column = firstPanel * PanelWidth; column < end; column++)
                {
                    var sum = 0f;
                    for (var i = 0; i < Rows; i++)
                    {
                        var x = encodesRows ? (float)((double*)input.Row(row))[i] : ((float*)input.Row(row))[i];
                        sum = ScalarMath.MultiplyAdd(x, (float)weights[(i * Columns) + column], sum);
                    }

                    output.Row(row)[column] = ScalarProduct.Finish(sum, row, column, epilogue);
                }
            }
        }
    }

    /// <summary>Elements of 8 bytes, and a mark behind each slice that reading another slice would show.</summary>
    private sealed class DoubleRows : RowFormat
    {
        public static readonly DoubleRows Format = new();

        public override int ByteCount(int columns) => (columns + 1) * sizeof(double);

        public override void Encode(Matrix source, EncodedRows target)
        {
            for (var row = 0; row < source.Rows; row++)
            {
                var slice = new Span<double>(target.Row(row), source.Columns + 1);
                for (var i = 0; i < source.Columns; i++) slice[i] = source.Row(row)[i];
                slice[^1] = double.NaN;
            }
        }
    }

    /// <summary>Weights of linear layers rounded to float16, all else as it is.</summary>
    private sealed class RoundedWeights(IParameterSource source, Graph graph) : IParameterSource
    {
        private readonly HashSet<Parameter> _weights = [.. graph.Nodes.OfType<LinearNode>().SelectMany(linear => linear.Weight.Leaves)];

        public void Read(Parameter parameter, Span<float> destination)
        {
            source.Read(parameter, destination);
            if (!_weights.Contains(parameter)) return;
            foreach (ref var value in destination) value = (float)(Half)value;
        }
    }
}
