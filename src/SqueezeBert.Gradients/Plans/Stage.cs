using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Plans;

/// <summary>
/// Operations that run together: row-wise ones over the same rows, block of rows by block of rows so that a block stays in a cache, or a
/// single sequence-wise one. One parallel section forward, two backward (inputs, then parameters).
/// </summary>
internal sealed unsafe class Stage
{
    private readonly Operation[] _operations;
    private readonly int _block;
    private readonly ForwardBody _forward;
    private readonly BackwardBody _backward;
    private readonly ParameterBody _parameters;
    private readonly (Operation Operation, int Part)[] _parts;
    private Value[] _cold = [];
    private Step _step = null!;
    private int _units;

    public Stage(IReadOnlyList<Operation> operations)
    {
        _operations = [.. operations];
        _block = operations[0].IsRowWise ? Step.RowBlock : 1;
        _forward = new ForwardBody(this);
        _backward = new BackwardBody(this);
        _parameters = new ParameterBody(this);
        _parts = [.. operations.SelectMany(operation => Enumerable.Range(0, operation.ParameterParts).Select(part => (operation, part)))];
    }

    public IReadOnlyList<Operation> Operations => _operations;

    /// <summary>To be called when the plan knows where gradients stand and who adds to them.</summary>
    public void FindColdGradients()
    {
        if (!_operations[0].IsRowWise) return;
        var read = _operations.SelectMany(operation => operation.Inputs.Where((_, i) => operation.Accumulate[i]).Append(operation.Output));
        var written = _operations.SelectMany(operation => operation.Inputs.Where((_, i) => !operation.Accumulate[i]));
        _cold = [.. read.Except(written).DistinctBy(value => value.GradientStorage)];
    }

    public void Forward(Step step, WorkerPool pool)
    {
        Begin(step);
        foreach (var operation in _operations) operation.Prepare(step);
        pool.Run(_forward, Blocks);
    }

    public void Backward(Step step, WorkerPool pool)
    {
        Begin(step);
        pool.Run(_backward, Blocks);
        if (_parts.Length > 0) pool.Run(_parameters, _parts.Length);
    }

    /// <summary>
    /// Asks for the gradients that other stages have made: they are not in the cache, and grouped layers read a part of each row, which the
    /// processor does not foresee.
    /// </summary>
    public void Fetch(int first, int count)
    {
        foreach (var value in _cold) Prefetch.Rows(new(value.GradientRow(first), count, value.Width));
    }

    private int Blocks => (_units + _block - 1) / _block;

    private void Begin(Step step)
    {
        _step = step;
        _units = _operations[0].Units(step);
    }

    private sealed class ForwardBody(Stage stage) : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            var first = part * stage._block;
            var count = Math.Min(stage._block, stage._units - first);
            foreach (var operation in stage._operations) operation.Forward(stage._step, first, count, worker);
        }
    }

    private sealed class BackwardBody(Stage stage) : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            var first = part * stage._block;
            var count = Math.Min(stage._block, stage._units - first);
            stage.Fetch(first, count);
            for (var i = stage._operations.Length - 1; i >= 0; i--) stage._operations[i].Backward(stage._step, first, count, worker);
        }
    }

    private sealed class ParameterBody(Stage stage) : IParallelBody
    {
        public void Execute(int part, int worker)
        {
            var (operation, index) = stage._parts[part];
            operation.ParameterGradient(stage._step, index);
        }
    }
}
