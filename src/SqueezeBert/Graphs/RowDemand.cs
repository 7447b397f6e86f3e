using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Graphs;

/// <summary>
/// Determines which rows of each value a set of outputs needs. The analysis runs backward. A row-wise operation needs the same rows of its
/// inputs. Attention needs all rows of keys and values, but only the requested rows of its queries. Other sequence-wise operations need all
/// rows.
/// </summary>
internal static class RowDemand
{
    /// <summary>Returns the rows to compute, by <see cref="Node.Id"/>. Null means that the outputs do not need the node.</summary>
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
