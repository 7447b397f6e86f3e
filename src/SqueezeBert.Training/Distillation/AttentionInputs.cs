using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Training.Distillation;

/// <summary>Queries and keys of a model's attentions as outputs: what attention scores are made of.</summary>
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

    /// <summary>The graph with these outputs of all layers that have an attention, beside its own.</summary>
    /// <param name="graph">Its nodes are the new one's too.</param>
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
