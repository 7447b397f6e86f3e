using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Training.Optimization;

namespace SqueezeBert.Training.Adapters;

/// <summary>
/// A model with adapters for some linear layers of its encoder: y = W x + b becomes y + α/r B (A x). The adapters consist of existing
/// operations.
/// </summary>
internal sealed class AdaptedGraph
{
    private static readonly string[] QueriesAndValues = ["query", "value", "q_lin", "v_lin"];

    private readonly List<Adapter> _adapters = [];

    private AdaptedGraph(Graph graph, LowRankAdaptation options, ModelParts parts)
    {
        var wanted = options.Projections ?? QueriesAndValues;
        Graph = GraphRewriter.Rewrite(graph, (rewriter, node, inputs) =>
        {
            if (node is not LinearNode { Weight: Parameter weight } linear || !IsInLayer(weight, parts)) return null;
            var module = ModuleOf(weight);
            if (!wanted.Any(name => $".{module}.".Contains($".{name}.", StringComparison.Ordinal))) return null;
            var (g, groups, rank) = (rewriter.Builder, linear.Groups, options.Rank);
            var down = g.Parameter($"{module}.lora_a.weight", ParameterKind.Weight, groups * rank, weight.Columns);
            var up = g.Parameter($"{module}.lora_b.weight", ParameterKind.Weight, weight.Rows, rank);
            var scale = (float)(options.Alpha / rank);
            if (_adapters.TrueForAll(adapter => adapter.Weight != weight)) _adapters.Add(new Adapter(weight, down, up, groups, scale));
            var product = g.Linear(g.Linear(inputs[0], down, null, groups), up, null, groups);
            return g.Add(g.Append(linear.WithInputs(inputs)), g.Scale(product, scale));
        });
    }

    /// <summary>The model with its adapters.</summary>
    public Graph Graph { get; }

    /// <summary>All adapters, in the order of the graph.</summary>
    public IReadOnlyList<Adapter> Adapters => _adapters;

    /// <summary>Adds adapters to a graph.</summary>
    /// <param name="graph">The graph, which is not changed.</param>
    /// <param name="options">The layers and the rank of the adapters.</param>
    /// <param name="parts">Determines which parameters belong to layers of the encoder.</param>
    public static AdaptedGraph Of(Graph graph, LowRankAdaptation options, ModelParts parts) => new(graph, options, parts);

    /// <summary>
    /// Returns the names of the linear layers that can have an adapter, without the numbers of their layers and without duplicates.
    /// </summary>
    public static IReadOnlyList<string> Projections(Graph graph, ModelParts parts) =>
        [.. graph.Nodes.OfType<LinearNode>().Select(node => node.Weight).OfType<Parameter>().Where(weight => IsInLayer(weight, parts))
            .Select(weight => string.Join('.', ModuleOf(weight).Split('.').SkipWhile(part => !char.IsAsciiDigit(part[0])).Skip(1)))
            .Distinct()];

    private static bool IsInLayer(Parameter weight, ModelParts parts) =>
        parts.DepthOf(weight) is var depth && depth >= 1 && depth <= parts.LayerCount;

    private static string ModuleOf(Parameter weight) => weight.Name[..weight.Name.LastIndexOf('.')];
}
