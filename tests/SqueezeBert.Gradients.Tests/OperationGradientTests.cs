using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Gradients.Tests;

/// <summary>The backward pass of each kind of operation against differences in float64.</summary>
public sealed class OperationGradientTests
{
    private static readonly DropoutKey Key = new(11, 5, 3);

    /// <summary>Texts of 1, 2, 5 and 9 tokens, and one of 4 with holes.</summary>
    private static readonly int[] Lengths = [1, 5, 9, 2];

    public static TheoryData<Activation> Activations => [.. Enum.GetValues<Activation>()];

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(67)]
    public void Embed(int width)
    {
        var g = new GraphBuilder();
        g.Output("y", g.Embed(
            g.Table("words", EmbeddingIndex.TokenId, 7, width, paddingRow: 2), g.Table("positions", EmbeddingIndex.Position, 16, width),
            g.Table("types", EmbeddingIndex.TokenTypeId, 2, width)));
        var batch = new PackedBatch();
        batch.Add([2, 3, 3, 2, 6], [0, 0, 1, 1, 1]);
        batch.Add([3, 0], default, [4, 9]);
        GradientCheck.Run(g.Build(ModelHead.None), batch, samples: 200);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(32, 7)]
    [InlineData(67, 500)]
    public void Ngrams(int width, int buckets)
    {
        var g = new GraphBuilder();
        var words = g.Ngrams("words", new() { Buckets = buckets, Dimensions = width }, NgramVocabulary.Pieces);
        g.Output("y", g.LinearWithoutBias(words, "projection", 3));
        var batch = new PackedBatch();
        batch.Add([2, 4, 5, 6, 7, 6, 4, 5, 3]);
        batch.Add([5, 6, 10, 11, 8]);
        batch.Add([4, 5, 6, 1], default, [0, 1, 3, 7]);
        GradientCheck.Run(g.Build(ModelHead.None), batch, samples: 300, threads: 2);
        GradientCheck.Run(g.Build(ModelHead.None), batch, isFrozen: parameter => parameter.Name == "words.weight");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    public void Trigram(int width) => Check(width, (g, x) => g.Trigram(x));

    [Theory]
    [InlineData(7, 13, 1)]
    [InlineData(34, 50, 2)]
    [InlineData(20, 68, 4)]
    [InlineData(64, 32, 4)]
    [InlineData(40, 24, 8)]
    [InlineData(3, 130, 1)]
    [InlineData(130, 3, 1)]
    public void Linear(int inputs, int outputs, int groups)
    {
        Check(inputs, (g, x) => g.Convolution(x, "linear", outputs, groups));
        Check(inputs, (g, x) => g.Linear(x, g.Parameter("weight", ParameterKind.Weight, outputs, inputs / groups), null, groups));
    }

    /// <summary>A weight of several parameters side by side, some of them stored transposed.</summary>
    [Theory]
    [InlineData(70, 1)]
    [InlineData(12, 2)]
    public void LinearWithConcatenatedColumns(int outputs, int groups)
    {
        foreach (var hasBias in (bool[])[true, false])
        {
            foreach (var isTransposed in (bool[])[true, false])
            {
                Check(14 * groups, (g, x) => g.Linear(x, new ConcatenatedColumns(
                    (Part(g, "a", 5, isTransposed), isTransposed), (Part(g, "b", 7, false), false), (Part(g, "c", 2, true), true)),
                    hasBias ? g.Parameter("bias", ParameterKind.Bias, outputs) : null, groups));
            }
        }

        Check(6, (g, x) => g.Linear(x, new ConcatenatedColumns((Part(g, "a", 6, true), true)),
            g.Parameter("bias", ParameterKind.Bias, outputs), 1));

        Parameter Part(GraphBuilder g, string name, int inputs, bool isTransposed) =>
            g.Parameter(name, ParameterKind.Weight, isTransposed ? inputs : outputs, isTransposed ? outputs : inputs);
    }

    [Theory]
    [InlineData(130, 70)]
    [InlineData(130, 128)]
    [InlineData(6, 1)]
    public void LinearWithConstantsBehindItsBias(int outputs, int kept) => Check(5, (g, x) => g.Linear(
        x, g.Parameter("weight", ParameterKind.Weight, outputs, 5),
        new FilledAfter(g.Parameter("bias", ParameterKind.Bias, outputs), kept, 0.25f), 1));

    /// <summary>Layers of one segment add to one gradient, and no thread loses what another adds.</summary>
    [Fact]
    public void OneParameterInSeveralLayers() => Check(64, (g, x) =>
        g.Linear(g.Activate(g.Linear(g.Activate(g.Linear(x, "linear", 64), Checkpoints.Activation.Tanh), "linear", 64),
            Checkpoints.Activation.Tanh), "linear", 64), Batch([200, 1, 150]), samples: 20, scale: 0.3, threads: 3);

    [Fact]
    public void OneTableLookedUpTwice()
    {
        var g = new GraphBuilder();
        g.Output("y", g.Embed(g.Table("words", EmbeddingIndex.TokenId, 16, 70), g.Table("words", EmbeddingIndex.Position, 16, 70)));
        var batch = new PackedBatch();
        batch.Add([2, 3, 3, 2, 6]);
        GradientCheck.Run(g.Build(ModelHead.None), batch, samples: 2000, threads: 3);
    }

    [Fact]
    public void LinearOverManyRows() => Check(5, (g, x) => g.Linear(x, "linear", 6), Batch([300, 1, 299]), samples: 6);

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activation(Activation activation) => Check(21, (g, x) => g.Activate(x, activation), scale: 1.5);

    [Theory]
    [InlineData(2)]
    [InlineData(37)]
    public void Normalize(int width)
    {
        Check(width, (g, x) => g.Normalize(x));
        Check(width, (g, x) => g.Add(g.Normalize(g.Scale(x, 3)), g.Normalize(g.Normalize(x))));
        Check(width, (g, x) => g.Normalize(g.Pool(x, PoolKind.Mean)));
    }

    [Fact]
    public void Scale() => Check(18, (g, x) => g.Scale(x, 0.7f));

    [Fact]
    public void Add()
    {
        Check(18, (g, x) => g.Add(g.Scale(x, 0.5f), g.Activate(x, Checkpoints.Activation.Tanh)));
        Check(18, (g, x) => g.Add(x, x));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(37)]
    [InlineData(80)]
    public void LayerNorm(int width) => Check(width, (g, x) => g.LayerNorm(x, "norm", 1e-5f));

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    public void NoNorm(int width) => Check(width, (g, x) => g.Norm(x, NormKind.NoNorm, "norm", 0));

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.6f)]
    public void Dropout(float probability)
    {
        Check(37, (g, x) => g.Dropout(x, probability), dropout: Key);
        Check(37, (g, x) => g.Dropout(x, probability), dropout: null);
    }

    [Theory]
    [InlineData(6, 3)]
    [InlineData(26, 2)]
    [InlineData(64, 1)]
    public void Attention(int headWidth, int heads)
    {
        var width = headWidth * heads;
        Check(width, Self(0), samples: 20);
        Check(width, Self(0.3f), dropout: Key, samples: 20);
        Check(width, Self(0.3f), Batch([1]), dropout: Key);
        Check(width, Self(0.3f), Batch([33, 17]), dropout: Key, samples: 5);

        Func<GraphBuilder, Node, Node> Self(float probability) =>
            (g, x) => g.Attention(g.Linear(x, "query", width), g.Linear(x, "key", width), g.Linear(x, "value", width), heads, probability);
    }

    [Fact]
    public void AttentionOnOneValue() => Check(12, (g, x) => g.Attention(x, x, x, 2, 0));

    /// <summary>Keys and values that are other rows than the queries: some tokens, or the first of each text.</summary>
    [Theory]
    [InlineData(nameof(RowSet.SelectedTokens))]
    [InlineData(nameof(RowSet.FirstTokens))]
    public void AttentionToOtherRows(string rows)
    {
        var batch = new PackedBatch();
        foreach (var length in Lengths) batch.Add([.. Enumerable.Range(batch.TokenCount, length)]);
        foreach (var row in (int[])[0, 2, 3, 7, 8, 9, 15]) batch.Select(row);
        foreach (var probability in (float[])[0, 0.3f])
        {
            Check(12, (g, x) =>
            {
                var keys = g.SelectRows(x, Enum.Parse<RowSet>(rows));
                return g.Attention(g.Linear(x, "query", 12), g.Linear(keys, "key", 12), g.Linear(keys, "value", 12), 2, probability);
            }, batch, dropout: Key);
        }
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(20, 5)]
    [InlineData(70, 7)]
    public void DepthwiseConvolution(int channels, int kernel)
    {
        ConvolutionBranch Branch(GraphBuilder g, int start, int size) => new(
            start, g.Parameter($"weight{size}", ParameterKind.Weight, channels, 1, size),
            g.Parameter($"bias{size}", ParameterKind.Bias, channels));
        Check(2 * channels, (g, x) => g.DepthwiseConvolution(x, [Branch(g, 0, kernel), Branch(g, channels, kernel + 2)]));
        Check(channels, (g, x) => g.Add(x, g.DepthwiseConvolution(x, [Branch(g, 0, kernel)])));
    }

    [Fact]
    public void Columns()
    {
        Check(19, (g, x) => g.Columns(x, 3, 11));
        Check(19, (g, x) => g.Add(g.Columns(x, 0, 7), g.Columns(g.Scale(x, 2), 12, 7)));
        Check(19, (g, x) => g.SelectRows(g.Columns(x, 2, 1), RowSet.FirstTokens));
    }

    [Theory]
    [InlineData(nameof(RowSet.FirstTokens))]
    [InlineData(nameof(RowSet.SelectedTokens))]
    public void SelectRows(string rows)
    {
        var selection = Enum.Parse<RowSet>(rows);
        Check(19, (g, x) => g.SelectRows(x, selection));
        Check(19, (g, x) => g.Add(g.SelectRows(x, selection), g.SelectRows(g.Scale(x, 2), selection)));
        Check(8, (g, x) => g.LayerNorm(g.Dropout(g.Linear(g.SelectRows(x, selection), "linear", 24), 0.2f), "norm", 1e-5f), dropout: Key);
    }

    [Theory]
    [InlineData(nameof(PoolKind.Mean))]
    [InlineData(nameof(PoolKind.Max))]
    public void Pool(string kind)
    {
        Check(19, (g, x) => g.Pool(x, Enum.Parse<PoolKind>(kind)));
    }

    /// <summary>An operation on a table's rows, one a token, so that the table's gradient is that of the operation's input.</summary>
    private static void Check(
        int width, Func<GraphBuilder, Node, Node> operation, PackedBatch? batch = null, DropoutKey? dropout = null, int samples = 40,
        double scale = 0.5, int threads = 1)
    {
        batch ??= Batch(Lengths);
        var g = new GraphBuilder();
        g.Output("y", operation(g, g.Embed(g.Table("x", EmbeddingIndex.TokenId, batch.TokenCount, width))));
        GradientCheck.Run(g.Build(ModelHead.None), batch, dropout, samples: samples, scale: scale, threads: threads);
    }

    private static PackedBatch Batch(IEnumerable<int> lengths)
    {
        var batch = new PackedBatch();
        foreach (var length in lengths) batch.Add([.. Enumerable.Range(batch.TokenCount, length)]);
        batch.Add([.. Enumerable.Range(batch.TokenCount, 4)], default, [0, 1, 3, 7]);
        for (var row = 0; row < batch.TokenCount; row += 3) batch.Select(row);
        return batch;
    }
}
