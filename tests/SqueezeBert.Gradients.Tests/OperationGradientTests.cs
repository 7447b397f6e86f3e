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

    [Fact]
    public void LinearOverManyRows() => Check(5, (g, x) => g.Linear(x, "linear", 6), Batch([300, 1, 299]), samples: 6);

    [Theory]
    [MemberData(nameof(Activations))]
    public void Activation(Activation activation) => Check(21, (g, x) => g.Activate(x, activation), scale: 1.5);

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
        double scale = 0.5)
    {
        batch ??= Batch(Lengths);
        var g = new GraphBuilder();
        g.Output("y", operation(g, g.Embed(g.Table("x", EmbeddingIndex.TokenId, batch.TokenCount, width))));
        GradientCheck.Run(g.Build(ModelHead.None), batch, dropout, samples: samples, scale: scale);
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
