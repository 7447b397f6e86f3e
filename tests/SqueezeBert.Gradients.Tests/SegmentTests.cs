using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Gradients.Tests;

public sealed class SegmentTests
{
    /// <summary>Two threads must not add to one gradient at a time: one would lose what the other adds, and the order would show.</summary>
    [Fact]
    public void LayersThatShareAParameterTakeTheirTurns()
    {
        var g = new GraphBuilder();
        var x = g.Embed(g.Table("words", EmbeddingIndex.TokenId, 5, 8));
        x = g.LayerNorm(g.Linear(g.Linear(g.Linear(x, "a", 8), "b", 8), "a", 8), "norm", 1e-5f);
        g.Output("y", g.Linear(x, g.Parameter("c", ParameterKind.Weight, 8, 8), g.Parameter("b.bias", ParameterKind.Bias, 8), 1));
        var graph = g.Build(ModelHead.None);
        Assert.Equal([["words.weight", "a.weight", "b.weight", "norm.weight"], ["a.weight", "c"]], Rounds(_ => false));
        Assert.Equal([["a.weight", "norm.weight", "c"], ["a.weight"]],
            Rounds(parameter => parameter.Name is "words.weight" or "b.weight" or "b.bias"));

        List<List<string>> Rounds(Func<Parameter, bool> isFrozen)
        {
            using var parameters = new ParameterStore(graph.Parameters, isFrozen);
            var plan = new GradientPlan(graph, [new OutputRequest("y")], parameters);
            var rounds = Assert.Single(plan.Segments).ParameterRounds
                .Select(round => round.Select(operation => operation.Node.Expressions.First().Leaves.First().Name).ToList()).ToList();
            foreach (var operation in plan.Operations) (operation as IDisposable)?.Dispose();
            return rounds;
        }
    }
}
