using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// What reaches the output only through some rows is computed for these alone. That the gradients stay right,
/// <see cref="ModelGradientTests"/> shows.
/// </summary>
public sealed class DemandedNodesTests
{
    [Theory]
    [InlineData(nameof(ModelHead.SequenceClassification), nameof(RowSet.FirstTokens))]
    [InlineData(nameof(ModelHead.MaskedLanguageModel), nameof(RowSet.SelectedTokens))]
    public void TheLastLayerComputesAllRowsOfKeysAndValuesOnly(string headName, string rowsName)
    {
        var rows = Enum.Parse<RowSet>(rowsName);
        var configuration = new SqueezeBertConfiguration
        {
            HiddenSize = 16,
            LayerCount = 3,
            HeadCount = 2,
            IntermediateSize = 32,
            VocabularySize = 20,
            HiddenDropout = 0.1
        };
        var (nodes, outputs) = DemandedNodes.For(ModelGraph.Create(configuration, Enum.Parse<ModelHead>(headName)), [OutputNames.Logits]);
        var output = Assert.Single(outputs);
        var last = nodes.Where(node => Name(node).Contains("layers.2.", StringComparison.Ordinal)).ToList();
        Assert.Equal(["attention.key", "attention.value"],
            last.Where(node => node.Rows == RowSet.Tokens).Select(node => Name(node).Split("layers.2.")[1]));
        Assert.Equal(6, last.Count(node => node.Rows == rows));
        Assert.All(nodes.Where(node => Name(node).Contains("layers.1.", StringComparison.Ordinal)),
            node => Assert.Equal(RowSet.Tokens, node.Rows));
        Assert.Equal(rows, Assert.Single(nodes.OfType<SelectRowsNode>()).Rows);
        Assert.Equal(rows, output.Rows);
        Assert.Same(output, nodes[^1]);
        Assert.All(nodes,
            node => Assert.All(
                node.Inputs, input => Assert.True(nodes.ToList().IndexOf(input) is var i && i >= 0 && i < nodes.ToList().IndexOf(node))));
    }

    [Fact]
    public void ValuesThatAreReadInFullAreSelectedOnce()
    {
        var g = new GraphBuilder();
        var x = g.Scale(g.Embed(g.Table("words", EmbeddingIndex.TokenId, 4, 8)), 2);
        var all = g.Pool(x, PoolKind.Mean);
        g.Output("pooled", all);
        g.Output("y", g.Add(g.SelectRows(x, RowSet.FirstTokens), g.Scale(g.SelectRows(x, RowSet.FirstTokens), 3)));
        var (nodes, outputs) = DemandedNodes.For(g.Build(ModelHead.None), ["y"]);
        Assert.Equal([RowSet.Tokens, RowSet.FirstTokens, RowSet.FirstTokens, RowSet.FirstTokens, RowSet.FirstTokens],
            nodes.Select(node => node.Rows));
        Assert.IsType<SelectRowsNode>(nodes[1]);
        Assert.Equal([nodes[2], nodes[3]], outputs[0].Inputs);
    }

    private static string Name(Node node) =>
        node.Expressions.FirstOrDefault() is Parameter parameter ? parameter.Name[..parameter.Name.LastIndexOf('.')] : "";
}
