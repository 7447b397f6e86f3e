using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>
/// Which rows of each value a set of outputs needs. Demand runs backward: a row-wise operation needs the same rows of its inputs, attention
/// all rows of keys and values but only the asked-for rows of its queries, other sequence-wise operations all rows.
/// </summary>
internal static class RowDemand
{
    /// <summary>The demanded rows by <see cref="Node.Id"/>; null for nodes that the outputs do not need.</summary>
    /// <exception cref="ArgumentException">The graph has no output of that name.</exception>
    public static RowSet?[] Of(Graph graph, IReadOnlyList<string> outputs)
    {
        var rows = new RowSet?[graph.Nodes.Count];
        foreach (var output in outputs.Select(graph.Output))
            Demand(output.Node, output.Kind == OutputKind.Value ? output.Node.Rows : RowSet.Tokens);
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (rows[node.Id] is not { } demanded) continue;
            for (var k = 0; k < node.Inputs.Count; k++)
                Demand(node.Inputs[k], node.IsSequenceWise && !(node is AttentionNode && k == 0) ? RowSet.Tokens : demanded);
        }

        return rows;

        void Demand(Node node, RowSet demanded)
        {
            if (node.Rows == RowSet.Texts) demanded = RowSet.Texts;
            else if (node is EmbedNode or DepthwiseConvolutionNode or TrigramNode) demanded = RowSet.Tokens;
            rows[node.Id] = rows[node.Id] is { } known && known != demanded ? RowSet.Tokens : demanded;
        }
    }
}
