using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Gradients.Plans;

/// <summary>What runs in which order and which values share memory: made once for a graph and an output.</summary>
internal sealed class TrainingPlan
{
    private readonly List<Storage> _storages = [];
    private readonly Dictionary<Node, Value> _values = [];

    public TrainingPlan(Graph graph, string output, ParameterStore parameters)
    {
        var (nodes, outputNode) = DemandedNodes.For(graph, output);
        Operations = [.. nodes.Select(node => OperationFactory.Create(node, parameters))];
        foreach (var operation in Operations) Connect(operation);
        Output = _values[outputNode];
        Output.Uses++;
        foreach (var operation in Operations) PlaceData(operation);
        Stages = MakeStages(Operations);
        PlaceGradients();
        foreach (var stage in Stages) stage.FindColdGradients();
    }

    public IReadOnlyList<Operation> Operations { get; }

    public IReadOnlyList<Stage> Stages { get; }

    public Value Output { get; }

    /// <summary>All memory that a batch needs besides that of the operations themselves.</summary>
    public IReadOnlyList<Storage> Storages => _storages;

    private static List<Stage> MakeStages(IReadOnlyList<Operation> operations)
    {
        var groups = new List<List<Operation>>();
        foreach (var operation in operations)
        {
            var last = groups.Count == 0 ? null : groups[^1];
            if (last is not null && last[0].IsRowWise && operation.IsRowWise && last[0].Node.Rows == operation.Node.Rows)
                last.Add(operation);
            else groups.Add([operation]);
        }

        return [.. groups.Select(group => new Stage(group))];
    }

    private void Connect(Operation operation)
    {
        operation.Output = new Value(operation.Node);
        _values.Add(operation.Node, operation.Output);
        operation.Inputs = [.. operation.Node.Inputs.Select(input => _values[input])];
        operation.Accumulate = new bool[operation.Inputs.Count];
        foreach (var input in operation.Inputs) input.Uses++;
    }

    private void PlaceData(Operation operation)
    {
        var output = operation.Output;
        output.DataStorage = operation.DataInPlace && operation.Inputs[0].Uses == 1 ? operation.Inputs[0].DataStorage : Take(output);
    }

    // Backward order: the first operation that writes a gradient owns new memory for it, later ones add. Memory is reused stage by stage,
    // because the parameters' gradients are taken at the end of a stage and still read what its operations have left.
    private void PlaceGradients()
    {
        var free = new List<Storage>();
        var sharers = new Dictionary<Storage, int>();

        // A loss turns the logits into their gradient in place: no operation before reads them.
        Output.GradientStorage = Output.DataStorage;
        sharers.Add(Output.GradientStorage, int.MaxValue);
        foreach (var stage in Stages.Reverse())
        {
            foreach (var operation in stage.Operations.Reverse())
            {
                for (var i = operation.Inputs.Count - 1; i >= 0; i--)
                {
                    var input = operation.Inputs[i];
                    operation.Accumulate[i] = input.GradientStorage is not null;
                    if (input.GradientStorage is not null) continue;
                    var inPlace = i == 0 && operation.GradientInPlace && input.Uses == 1;
                    input.GradientStorage = inPlace ? operation.Output.GradientStorage : Reuse(free, input);
                    sharers[input.GradientStorage] = sharers.GetValueOrDefault(input.GradientStorage)
                        + (inPlace && sharers[input.GradientStorage] == int.MaxValue ? 0 : 1);
                }
            }

            foreach (var operation in stage.Operations)
            {
                var storage = operation.Output.GradientStorage;
                if (sharers[storage] != int.MaxValue && --sharers[storage] == 0) free.Add(storage);
            }
        }
    }

    private Storage Reuse(List<Storage> free, Value value)
    {
        var found = free.FindIndex(storage => storage.Rows == value.Rows && storage.Width == value.Width);
        if (found < 0) return Take(value);
        var storage = free[found];
        free.RemoveAt(found);
        return storage;
    }

    private Storage Take(Value value)
    {
        var storage = new Storage(value.Rows, value.Width);
        _storages.Add(storage);
        return storage;
    }
}
