using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Plans;

/// <summary>
/// Operations that run together: row-wise ones on the same rows, one block of rows at a time so that the block stays in a cache, or a
/// single sequence-wise one. There is one parallel section forward and two backward (inputs, then parameters).
/// </summary>
internal sealed unsafe class Segment
{
    private readonly Operation[] _operations;
    private readonly int _block;
    private readonly ForwardBody _forward;
    private readonly BackwardBody _backward;
    private readonly ParameterBody[] _parameters;
    private Operation[] _backwardOperations = [];
    private Value[] _cold = [];
    private BatchState _state = null!;
    private int _units;

    public Segment(IReadOnlyList<Operation> operations)
    {
        _operations = [.. operations];
        _block = operations[0].IsRowWise ? BatchState.RowBlock : 1;
        _forward = new ForwardBody(this);
        _backward = new BackwardBody(this);
        ParameterRounds = RoundsOf(operations);
        _parameters = [.. ParameterRounds.Select(round => new ParameterBody(this, round))];
        BackwardOperations = [.. operations.Reverse().Where(operation => operation.Output.NeedsGradient)];
    }

    public IReadOnlyList<Operation> Operations => _operations;

    /// <summary>The operations whose value has a gradient, last first.</summary>
    public IReadOnlyList<Operation> BackwardOperations { get; }

    /// <summary>
    /// Operations whose parameter gradients may be added to at the same time. Two operations that share a parameter are in different
    /// rounds.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<Operation>> ParameterRounds { get; }

    /// <summary>
    /// Finds the gradients that come from other segments. It must be called when the plan knows the memory of gradients and who adds to
    /// them.
    /// </summary>
    public void FindColdGradients()
    {
        _backwardOperations = [.. BackwardOperations.Where(operation => operation.HasBackward)];
        if (!_operations[0].IsRowWise) return;
        var read = _backwardOperations.SelectMany(operation => Gradients(operation, isAdded: true).Append(operation.Output));
        var written = _backwardOperations.SelectMany(operation => Gradients(operation, isAdded: false));
        _cold = [.. read.Except(written).DistinctBy(value => value.GradientStorage)];
    }

    public void Forward(BatchState state, WorkerPool pool)
    {
        Begin(state);
        foreach (var operation in _operations) operation.Prepare(state);
        pool.Run(_forward, Blocks);
    }

    public void Backward(BatchState state, WorkerPool pool)
    {
        Begin(state);
        if (_backwardOperations.Length > 0) pool.Run(_backward, Blocks);
        foreach (var round in _parameters) pool.Run(round, round.Count);
    }

    /// <summary>
    /// Prefetches the gradients that other segments have computed. They are not in the cache, and grouped layers read only a part of each
    /// row, which the processor does not predict.
    /// </summary>
    public void Fetch(int first, int count)
    {
        foreach (var value in _cold) Prefetch.Rows(new(value.GradientRow(first), count, value.Width));
    }

    private static List<List<Operation>> RoundsOf(IReadOnlyList<Operation> operations)
    {
        var rounds = new List<List<Operation>>();
        foreach (var operation in operations.Where(operation => operation.IsTrained))
        {
            var last = rounds.FindLastIndex(
                round => round.Any(other => other.TrainedParameters.Intersect(operation.TrainedParameters).Any()));
            if (last + 1 == rounds.Count) rounds.Add([]);
            rounds[last + 1].Add(operation);
        }

        return rounds;
    }

    private static IEnumerable<Value> Gradients(Operation operation, bool isAdded) =>
        operation.Inputs.Where((input, i) => input.NeedsGradient && operation.Accumulate[i] == isAdded);

    private int Blocks => (_units + _block - 1) / _block;

    private void Begin(BatchState state)
    {
        _state = state;
        _units = _operations[0].Units(state);
    }

    private sealed class ForwardBody(Segment segment) : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            var first = part * segment._block;
            var count = Math.Min(segment._block, segment._units - first);
            foreach (var operation in segment._operations) operation.Forward(segment._state, first, count, worker);
        }
    }

    private sealed class BackwardBody(Segment segment) : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            var first = part * segment._block;
            var count = Math.Min(segment._block, segment._units - first);
            segment.Fetch(first, count);
            foreach (var operation in segment._backwardOperations) operation.Backward(segment._state, first, count, worker);
        }
    }

    private sealed class ParameterBody(Segment segment, IReadOnlyList<Operation> operations) : IParallelBody
    {
        private readonly (Operation Operation, int Part)[] _parts =
            [.. operations.SelectMany(operation => Enumerable.Range(0, operation.ParameterParts).Select(part => (operation, part)))];

        public int Count => _parts.Length;

        public void Execute(int part, int worker)
        {
            var (operation, index) = _parts[part];
            operation.ParameterGradient(segment._state, index);
        }
    }
}
