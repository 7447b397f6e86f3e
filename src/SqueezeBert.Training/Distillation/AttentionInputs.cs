using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Training.Distillation;

/// <summary>The queries and keys of a model's attentions as outputs, from which attention scores are computed.</summary>
internal static class AttentionInputs
{
    /// <summary>The output with a layer's queries.</summary>
    /// <param name="layer">From 0.</param>
    public static string Queries(int layer) => FormattableString.Invariant($"queries.{layer}");

    /// <summary>The output with a layer's keys.</summary>
    /// <param name="layer">From 0.</param>
    public static string Keys(int layer) => FormattableString.Invariant($"keys.{layer}");

    /// <summary>The outputs of some layers.</summary>
    /// <param name="layers">From 1, as pairs of layers count them.</param>
    public static IEnumerable<string> Of(IEnumerable<int> layers) =>
        layers.Distinct().SelectMany(layer => (string[])[Queries(layer - 1), Keys(layer - 1)]);

    /// <summary>Returns the graph with these outputs for all layers with an attention, in addition to its own outputs.</summary>
    /// <param name="graph">The graph, whose nodes the new one shares.</param>
    public static Graph Add(Graph graph)
    {
        var outputs = new Dictionary<string, GraphOutput>(graph.Outputs);
        for (var layer = 0; graph.Outputs.TryGetValue(OutputNames.Attention(layer), out var output); layer++)
        {
            var attention = (AttentionNode)output.Node;
            outputs.Add(Queries(layer), new GraphOutput(Queries(layer), attention.Query, OutputKind.Value));
            outputs.Add(Keys(layer), new GraphOutput(Keys(layer), attention.Key, OutputKind.Value));
        }

        return new Graph(graph.Head, graph.Nodes, graph.Parameters, outputs);
    }
}
