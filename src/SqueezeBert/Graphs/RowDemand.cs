using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>
/// Which rows of each value a set of outputs needs. Demand runs backward, and each node says what it owes: a row-wise operation needs the
/// same rows of its inputs, attention all rows of keys and values but only the asked-for rows of its queries, other sequence-wise
/// operations all rows.
/// </summary>
internal static class RowDemand
{
    /// <summary>The rows to compute by <see cref="Node.Id"/>; null for nodes that the outputs do not need.</summary>
    /// <exception cref="ArgumentException">The graph has no output of that name.</exception>
    public static RowSet?[] Of(Graph graph, IReadOnlyList<string> outputs)
    {
        var rows = new RowSet?[graph.Nodes.Count];
        foreach (var output in outputs.Select(graph.Output)) Demand(output.Node, output.Node.Rows);
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (rows[i] is not { } computed) continue;
            for (var k = 0; k < node.Inputs.Count; k++) Demand(node.Inputs[k], node.RowsOwed(k, computed));
        }

        return rows;

        void Demand(Node node, RowSet demanded)
        {
            var computed = node.RowsComputed(demanded);

            // No set but that of all tokens holds two others.
            rows[node.Id] = rows[node.Id] is { } known && known != computed ? RowSet.Tokens : computed;
        }
    }
}
