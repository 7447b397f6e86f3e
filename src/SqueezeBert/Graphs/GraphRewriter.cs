using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>
/// Copies a graph with replacements, such as another activation, a removed layer or additional operations. Parameters keep their names.
/// Parameters and operations that no output needs any more are left out.
/// </summary>
internal sealed class GraphRewriter
{
    private readonly Dictionary<Node, Node> _copies = [];

    private GraphRewriter(Graph graph) => Builder = GraphBuilder.ForCopyOf(graph);

    /// <summary>Returns the replacement of a node in the copy.</summary>
    /// <param name="rewriter">The rewriter, whose builder adds new operations.</param>
    /// <param name="node">A node of the original.</param>
    /// <param name="inputs">The replacements of its inputs.</param>
    /// <returns>A value of the copy, new or existing. Null copies the operation with <paramref name="inputs"/>.</returns>
    public delegate Node? Replacement(GraphRewriter rewriter, Node node, IReadOnlyList<Node> inputs);

    /// <summary>The builder of the copy.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>Returns the replacement of a node that has already been copied, which is any node before the current one.</summary>
    public Node CopyOf(Node node) => _copies[node];

    /// <param name="graph">The original, which is not changed.</param>
    /// <param name="replace">Called for every node, inputs first.</param>
    /// <param name="keeps">Selects the outputs of the copy. Null keeps all.</param>
    /// <exception cref="InvalidOperationException">
    /// A replacement does not fit its place, or it replaces an attention whose scores are an output.
    /// </exception>
    public static Graph Rewrite(Graph graph, Replacement replace, Func<GraphOutput, bool>? keeps = null)
    {
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            Node[] inputs = [.. node.Inputs.Select(rewriter.CopyOf)];
            rewriter._copies.Add(node, replace(rewriter, node, inputs) ?? rewriter.Builder.Append(node.WithInputs(inputs)));
        }

        foreach (var output in graph.Outputs.Values.Where(output => keeps?.Invoke(output) != false))
        {
            var copy = rewriter.CopyOf(output.Node);
            if (output.Kind != OutputKind.Value && copy is not AttentionNode)
                throw new InvalidOperationException($"the output '{output.Name}' is of an attention that the copy does not have");
            rewriter.Builder.Output(output.Name, copy, output.Kind);
        }

        return rewriter.Builder.Build(graph.Head, graph.NamedHeads).WithoutUnused();
    }
}
