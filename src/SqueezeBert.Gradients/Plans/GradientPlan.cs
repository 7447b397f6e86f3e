using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Plans;

/// <summary>
/// What runs in which order, which values have a gradient and which share memory. It is created once for a graph and its outputs.
/// </summary>
internal sealed class GradientPlan
{
    private readonly Dictionary<Node, Value> _values = [];

    public GradientPlan(Graph graph, IReadOnlyList<OutputRequest> outputs, ParameterStore parameters, bool hasEmbeddingGradients = false)
    {
        foreach (var name in outputs.Select(output => output.Name))
        {
            if (graph.Output(name).Kind != OutputKind.Value)
                throw new NotSupportedException($"'{name}' shows the inside of an attention, which has no gradient of its own");
        }

        var (nodes, outputNodes) = DemandedNodes.For(graph, [.. outputs.Select(output => output.Name)]);
        Operations = [.. nodes.Select(node => OperationFactory.Create(node, parameters))];
        foreach (var operation in Operations) Connect(operation, hasEmbeddingGradients);
        Outputs = [.. outputNodes.Select(node => _values[node])];
        foreach (var output in Outputs.Distinct()) output.Uses++;
        foreach (var (value, request) in Outputs.Zip(outputs)) value.IsGradientKept |= request.IsGradientKept && value.NeedsGradient;
        Segments = MakeSegments(Operations);
        var places = new MemoryPlan();
        foreach (var operation in Operations) places.PlaceData(operation);
        places.PlaceGradients(Segments, Outputs.Zip(outputs, (value, output) => (value, output.IsOverwritten)));
        Storages = [.. places.Storages];
        foreach (var segment in Segments) segment.FindColdGradients();
    }

    public Operation[] Operations { get; }

    /// <summary>The segments, in the order of the forward pass.</summary>
    public Segment[] Segments { get; }

    /// <summary>The outputs, in the order in which they were requested.</summary>
    public Value[] Outputs { get; }

    /// <summary>All memory that a batch needs besides that of the operations themselves.</summary>
    public Storage[] Storages { get; }

    private static Segment[] MakeSegments(IReadOnlyList<Operation> operations)
    {
        var groups = new List<List<Operation>>();
        foreach (var operation in operations)
        {
            var last = groups.Count == 0 ? null : groups[^1];
            if (last is not null && last[0].IsRowWise && operation.IsRowWise && last[0].Node.Rows == operation.Node.Rows)
                last.Add(operation);
            else groups.Add([operation]);
        }

        return [.. groups.Select(group => new Segment(group))];
    }

    private void Connect(Operation operation, bool hasEmbeddingGradients)
    {
        var output = operation.Output = new Value(operation.Node);
        _values.Add(operation.Node, output);
        operation.Inputs = [.. operation.Node.Inputs.Select(input => _values[input])];
        operation.Accumulate = new bool[operation.Inputs.Count];
        foreach (var input in operation.Inputs) input.Uses++;
        output.IsGradientKept = hasEmbeddingGradients && operation is EmbedOperation;
        output.NeedsGradient = output.IsGradientKept || operation.IsTrained || operation.Inputs.Any(input => input.NeedsGradient);
    }
}
