using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;

namespace SqueezeBert.Tests.Graphs;

public class GraphRewriterTests
{
    private static readonly BertConfiguration Bert = new()
    {
        VocabularySize = 31,
        HiddenSize = 24,
        HeadCount = 2,
        LayerCount = 3,
        IntermediateSize = 40,
        Labels = ["a", "b", "c"],
    };

    [Fact]
    public void ACopyWithoutReplacementsHasTheSameBitsInEveryOutput()
    {
        foreach (var configuration in new ModelConfiguration[]
        {
            Bert,
            new MobileBertConfiguration { VocabularySize = 31, HiddenSize = 24, EmbeddingSize = 10, IntraBottleneckSize = 8 },
            new SeparableConfiguration { VocabularySize = 31, HiddenSize = 24, EmbeddingSize = 10, LayerCount = 1, IntermediateSize = 40 },
        })
        {
            var graph = ModelGraph.Create(configuration, ModelHead.SequenceClassification);
            var copy = GraphRewriter.Rewrite(graph, (_, _, _) => null);
            Assert.Equal(graph.Parameters, copy.Parameters);
            Assert.Equal(graph.Outputs.Keys, copy.Outputs.Keys);
            Assert.Equal(Enumerable.Range(0, copy.Nodes.Count), copy.Nodes.Select(node => node.Id));
            Assert.Empty(copy.Nodes.Intersect(graph.Nodes));
            foreach (var name in graph.Outputs.Values.Where(output => output.Kind == OutputKind.Value).Select(output => output.Name))
                Assert.Equal(Run(graph, name), Run(copy, name));
        }
    }

    [Fact]
    public void AnotherActivationIsTheGraphOfAnotherConfiguration()
    {
        var copy = GraphRewriter.Rewrite(
            ModelGraph.Create(Bert, ModelHead.None),
            (rewriter, node, inputs) => node is ActivationNode { Activation: Activation.Gelu }
                ? rewriter.Builder.Activate(inputs[0], Activation.Relu)
                : null);
        var expected = ModelGraph.Create(Bert with { HiddenActivation = Activation.Relu }, ModelHead.None);
        Assert.Equal(Run(expected, OutputNames.LastHiddenState), Run(copy, OutputNames.LastHiddenState));
        Assert.NotEqual(Run(ModelGraph.Create(Bert, ModelHead.None), OutputNames.LastHiddenState), Run(copy, OutputNames.LastHiddenState));
    }

    [Fact]
    public void ALayerIsLeftOutWithItsParameters()
    {
        var graph = ModelGraph.Create(Bert, ModelHead.None);
        var (before, after) = (graph.Output(OutputNames.HiddenState(1)).Node, graph.Output(OutputNames.HiddenState(2)).Node);
        var copy = GraphRewriter.Rewrite(graph, (rewriter, node, _) => node == after ? rewriter.CopyOf(before) : null,
            output => output.Name != OutputNames.Attention(1));
        Assert.DoesNotContain(copy.Parameters, parameter => parameter.Name.StartsWith("encoder.layer.1.", StringComparison.Ordinal));
        var shorter = ModelGraph.Create(Bert with { LayerCount = 2 }, ModelHead.None);
        Assert.Equal(ModelCost.ParameterCount(shorter), ModelCost.ParameterCount(copy));
        Assert.Equal(ModelCost.Flops(shorter, 9), ModelCost.Flops(copy, 9));
        Assert.Equal(Run(shorter, OutputNames.PoolerOutput, new Renamed("encoder.layer.1.", "encoder.layer.2.")),
            Run(copy, OutputNames.PoolerOutput));
        Assert.Throws<InvalidOperationException>(() => GraphRewriter.Rewrite(graph,
            (_, node, inputs) => node is AttentionNode ? inputs[2] : null));
    }

    /// <summary>An adapter: down, activation, dropout, up, residual, behind each feed-forward network.</summary>
    [Fact]
    public void OperationsArePutInWithParametersAndDropoutsOfTheirOwn()
    {
        var graph = ModelGraph.Create(Bert, ModelHead.SequenceClassification);
        var copy = GraphRewriter.Rewrite(graph, (rewriter, node, inputs) =>
        {
            if (node is not LinearNode linear || !linear.CostName!.EndsWith(".output.dense", StringComparison.Ordinal)
                || linear.CostName.Contains("attention", StringComparison.Ordinal)) return null;
            var g = rewriter.Builder;
            var x = g.Append(node.WithInputs(inputs));
            var narrow = g.Dropout(g.Activate(g.Linear(x, linear.CostName + ".adapter.down", 4), Activation.Gelu), 0.1f);
            return g.Add(g.Linear(narrow, linear.CostName + ".adapter.up", x.Width), x);
        });
        var sites = copy.Nodes.Select(node => node.DropoutSite).Where(site => site >= 0).ToList();
        Assert.Equal(graph.Nodes.Count(node => node.DropoutSite >= 0) + Bert.LayerCount, sites.Distinct().Count());
        Assert.Equal(sites.Count, sites.Distinct().Count());
        Assert.Equal(
            ModelCost.ParameterCount(graph) + (Bert.LayerCount * ((2 * 4 * Bert.HiddenSize) + 4 + Bert.HiddenSize)),
            ModelCost.ParameterCount(copy));
        Assert.NotEqual(Run(graph, OutputNames.Logits), Run(copy, OutputNames.Logits));
        Assert.Equal(Run(graph, OutputNames.Logits), Run(copy, OutputNames.Logits, new ZeroFor(".adapter.up.")));
    }

    [Fact]
    public void AReplacementThatDoesNotFitIsRefused()
    {
        var graph = ModelGraph.Create(Bert, ModelHead.None);
        Assert.Contains("cannot add", Assert.Throws<InvalidOperationException>(() => GraphRewriter.Rewrite(graph,
            (rewriter, node, inputs) => node is AddNode ? rewriter.Builder.Add(inputs[0], rewriter.Builder.Columns(inputs[1], 0, 3))
                : null)).Message, StringComparison.Ordinal);
        Assert.Contains("of another graph", Assert.Throws<InvalidOperationException>(() => GraphRewriter.Rewrite(graph,
            (rewriter, node, _) => node is AddNode ? rewriter.Builder.Append(node) : null)).Message, StringComparison.Ordinal);
        Assert.Contains("of another graph", Assert.Throws<InvalidOperationException>(() => GraphRewriter.Rewrite(graph,
            (rewriter, node, _) => node is AddNode ? rewriter.Builder.Scale(node, 2) : null)).Message, StringComparison.Ordinal);
    }

    private static float[] Run(Graph graph, string output, IParameterSource? source = null)
    {
        using var model = new Engine(Bert, graph, source ?? new FormulaParameters());
        using var session = model.CreateSession(output);
        var batch = new PackedBatch();
        batch.Add([2, 7, 7, 30, 3]);
        batch.Add([5]);
        session.Run(batch);
        return session.GetOutput(output).ToArray();
    }

    /// <summary>The values that a parameter of another name has.</summary>
    private sealed class Renamed(string from, string to) : IParameterSource
    {
        public void Read(Parameter parameter, Span<float> destination) => new FormulaParameters().Read(
            new Parameter(parameter.Name.Replace(from, to, StringComparison.Ordinal), parameter.Kind, [.. parameter.Shape]), destination);
    }

    private sealed class ZeroFor(string part) : IParameterSource
    {
        public void Read(Parameter parameter, Span<float> destination)
        {
            if (parameter.Name.Contains(part, StringComparison.Ordinal)) destination.Clear();
            else new FormulaParameters().Read(parameter, destination);
        }
    }
}
