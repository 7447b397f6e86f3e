using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>
/// Copies a graph with replacements: another activation, a layer left out, operations put in between. Parameters keep their names; those
/// that no output needs any more are left out of the copy, as are the operations.
/// </summary>
internal sealed class GraphRewriter
{
    private readonly Dictionary<Node, Node> _copies = [];

    private GraphRewriter(Graph graph) => Builder = GraphBuilder.ForCopyOf(graph);

    /// <summary>What stands in the copy for a node.</summary>
    /// <param name="rewriter">Its builder takes new operations in.</param>
    /// <param name="node">A node of the original.</param>
    /// <param name="inputs">What stands for its inputs.</param>
    /// <returns>A value of the copy, made or already there; null for the same operation on <paramref name="inputs"/>.</returns>
    public delegate Node? Replacement(GraphRewriter rewriter, Node node, IReadOnlyList<Node> inputs);

    /// <summary>Builds the copy.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>What stands for a node that has been copied: one before the node that is being replaced.</summary>
    public Node CopyOf(Node node) => _copies[node];

    /// <param name="graph">Stays as it is.</param>
    /// <param name="replace">Called for every node, inputs first.</param>
    /// <param name="keeps">Which outputs the copy has; null: all.</param>
    /// <exception cref="InvalidOperationException">
    /// A replacement does not fit where it stands, or an attention whose scores are an output was replaced by something else.
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
