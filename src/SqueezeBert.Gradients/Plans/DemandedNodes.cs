using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Plans;

/// <summary>
/// Moves selections of rows towards the inputs. Values that reach the output only through some rows (the first tokens of a classifier, the
/// masked tokens of a language model) are computed only for these rows, forward and backward. That is most of the last layer: everything
/// after its keys and values. The gradients of other rows would be zero.
/// </summary>
internal sealed class DemandedNodes
{
    private readonly RowSet?[] _rows;
    private readonly Dictionary<Node, Node> _made = [];
    private readonly Dictionary<(Node Node, RowSet Rows), Node> _selections = [];
    private readonly List<Node> _nodes = [];

    private DemandedNodes(Graph graph, IReadOnlyList<string> names)
    {
        _rows = RowDemand.Of(graph, names);
        var nodes = graph.NodesFor(names);
        foreach (var node in nodes)
        {
            if (node is SelectRowsNode) continue;
            var made = Make(node);
            _made.Add(node, made);
            _nodes.Add(made);
        }

        Outputs = [.. names.Select(name => graph.Output(name).Node).Select(node => At(node, node.Rows))];
    }

    private Node[] Outputs { get; }

    /// <summary>
    /// Returns the nodes that compute some outputs, in an order in which inputs precede their uses, and the node of each output.
    /// </summary>
    public static (IReadOnlyList<Node> Nodes, IReadOnlyList<Node> Outputs) For(Graph graph, IReadOnlyList<string> outputs)
    {
        var demanded = new DemandedNodes(graph, outputs);
        return (demanded._nodes, demanded.Outputs);
    }

    private Node Make(Node node)
    {
        var rows = _rows[node.Id]!.Value;
        var inputs = node.Inputs.Select((input, i) => At(input, node.RowsOwed(i, rows))).ToArray();
        return inputs.SequenceEqual(node.Inputs) ? node : node.WithInputs(inputs);
    }

    /// <summary>Returns a value for some rows: as it was computed, or a selection of it.</summary>
    private Node At(Node node, RowSet rows)
    {
        if (node is SelectRowsNode) return At(node.Inputs[0], node.Rows);
        var made = _made[node];
        if (made.Rows == rows) return made;
        if (_selections.TryGetValue((node, rows), out var selection)) return selection;
        selection = new SelectRowsNode(made, rows);
        _nodes.Add(selection);
        _selections.Add((node, rows), selection);
        return selection;
    }
}
