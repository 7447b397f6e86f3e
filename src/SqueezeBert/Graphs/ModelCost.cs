using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Graphs;

/// <summary>The floating-point operations of one kind of operation for one text. A multiply-add counts as two.</summary>
/// <param name="Operation">The name of a parameter without its layer number, or the kind of operation.</param>
/// <param name="Count">The number of occurrences.</param>
/// <param name="Parameters">The number of elements of its parameters, for all occurrences together.</param>
/// <param name="Flops">The number of floating-point operations, for all occurrences together.</param>
internal sealed record OperationCost(string Operation, int Count, long Parameters, long Flops);

/// <summary>Computes the cost of a graph. As usual, only matrix products are counted, with the rows that the outputs need.</summary>
internal static class ModelCost
{
    /// <summary>The number of elements of all parameters. Tied parameters count once.</summary>
    public static long ParameterCount(Graph graph) => graph.Parameters.Sum(parameter => parameter.Length);

    /// <summary>
    /// Returns the costs for one text of <paramref name="tokens"/> tokens, in the order of first occurrence. The layers are added up.
    /// </summary>
    public static IReadOnlyList<OperationCost> Operations(Graph graph, int tokens)
    {
        var costs = new Dictionary<string, OperationCost>();
        var seen = new HashSet<Parameter>();
        foreach (var node in graph.Nodes)
        {
            if (node.CostName is not { } own) continue;
            var name = string.Join('.', own.Split('.').Select(part => int.TryParse(part, out _) ? "*" : part));
            var parameters = node.Expressions.SelectMany(expression => expression.Leaves).Where(seen.Add)
                .Sum(parameter => parameter.Length);
            var known = costs.GetValueOrDefault(name, new OperationCost(name, 0, 0, 0));
            costs[name] = known with
            {
                Count = known.Count + 1,
                Parameters = known.Parameters + parameters,
                Flops = known.Flops + Flops(node, node.Rows, tokens)
            };
        }

        return [.. costs.Values];
    }

    /// <summary>Returns the floating-point operations of the whole graph for one text.</summary>
    public static long Flops(Graph graph, int tokens) => graph.Nodes.Sum(node => Flops(node, node.Rows, tokens));

    /// <summary>
    /// Returns the floating-point operations that the outputs need for one text, without rows that nothing reads. For example, the logits
    /// of a classifier need only one row of the last layer. Selected tokens count as one.
    /// </summary>
    /// <exception cref="ArgumentException">The graph has no output of that name.</exception>
    public static long Flops(Graph graph, IReadOnlyList<string> outputs, int tokens)
    {
        var demand = RowDemand.Of(graph, outputs);
        return graph.Nodes.Sum(node => demand[node.Id] is { } rows ? Flops(node, rows, tokens) : 0);
    }

    private static long Flops(Node node, RowSet computed, int tokens) => node.Flops(computed == RowSet.Tokens ? tokens : 1, tokens);
}
