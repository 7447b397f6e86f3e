using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;

namespace SqueezeBert.Tests.Graphs;

/// <summary>Floating-point operations by output, against formulas written out for each architecture.</summary>
public class ModelCostByOutputTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(128)]
    public void APooledRowOfSqueezeBERTLeavesOutWhatTheLastLayerDoesForOtherRows(int tokens)
    {
        var c = new SqueezeBertConfiguration();
        var graph = ModelGraph.Create(c, ModelHead.None);
        var pooler = 2L * c.HiddenSize * c.HiddenSize;
        var hidden = ModelCost.Flops(graph, tokens) - pooler;

        // Of each other row: queries, the layer after the attention, the feed-forward network, its scores and its context.
        var perRow = (c.HiddenSize * c.HiddenSize / c.QueryGroups) + (c.HiddenSize * c.HiddenSize / c.PostAttentionGroups)
            + (c.HiddenSize * c.IntermediateSize / c.IntermediateGroups) + (c.HiddenSize * c.IntermediateSize / c.OutputGroups)
            + (2L * tokens * c.HiddenSize);
        Assert.Equal(hidden, ModelCost.Flops(graph, [OutputNames.LastHiddenState], tokens));
        Assert.Equal(hidden - (2 * (tokens - 1) * perRow) + pooler, ModelCost.Flops(graph, [OutputNames.PoolerOutput], tokens));
        Assert.Equal(hidden + pooler, ModelCost.Flops(graph, [OutputNames.LastHiddenState, OutputNames.PoolerOutput], tokens));
    }

    [Fact]
    public void AnEarlyHiddenStateCostsItsLayersOnly()
    {
        var c = new BertConfiguration();
        var graph = ModelGraph.Create(c, ModelHead.None);
        Assert.Equal(0, ModelCost.Flops(graph, [OutputNames.HiddenState(0)], 64));
        var layer = ModelCost.Flops(graph, [OutputNames.HiddenState(1)], 64);
        Assert.Equal(12 * layer, ModelCost.Flops(graph, [OutputNames.LastHiddenState], 64));
    }
}
