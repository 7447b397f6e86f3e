using System.Runtime.InteropServices;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients;

/// <summary>
/// The training interpreter of a graph: a forward pass that keeps what the backward pass needs, and the backward pass to every parameter.
/// The same bits whatever the number of threads: work is divided by rows, texts, heads or output channels, and every sum has one order. Not
/// thread-safe.
/// </summary>
internal sealed unsafe class TrainingGraph : IDisposable
{
    /// <summary>Elements that one piece of clearing covers.</summary>
    private const long ClearChunk = 1 << 16;

    private readonly TrainingPlan _plan;
    private readonly Stage[] _stages;
    private readonly Storage[] _storages;
    private readonly WorkerPool _pool;
    private readonly Step _step;
    private readonly PackBody _pack;
    private readonly ClearBody _clear;

    /// <param name="graph">The model.</param>
    /// <param name="output">The output that the loss is about, such as <see cref="OutputNames.Logits"/>.</param>
    /// <param name="parameters">Values and gradients of the graph's parameters; belongs to the caller.</param>
    /// <param name="pool">Threads; belongs to the caller.</param>
    public TrainingGraph(Graph graph, string output, ParameterStore parameters, WorkerPool pool)
    {
        Parameters = parameters;
        _pool = pool;
        _plan = new TrainingPlan(graph, output, parameters);
        _stages = [.. _plan.Stages];
        _storages = [.. _plan.Storages];
        _step = new Step(pool.ThreadCount);
        _pack = new PackBody(_plan.Operations);
        _clear = new ClearBody(parameters);
    }

    public ParameterStore Parameters { get; }

    public WorkerPool Pool => _pool;

    /// <summary>
    /// The output of the last <see cref="Forward"/>, [<see cref="OutputRows"/>, <see cref="OutputWidth"/>]. A loss overwrites it with its
    /// gradient before <see cref="Backward"/>.
    /// </summary>
    public float* OutputData => _plan.Output.Data;

    public int OutputRows => _step.RowCount(_plan.Output.Rows);

    public int OutputWidth => _plan.Output.Width;

    /// <summary>Working memory held, in bytes.</summary>
    public long WorkingMemory => _step.Arena.ByteCount;

    /// <summary>Brings the weights into the layout of the kernels; to be called after the values of parameters have changed.</summary>
    public void PackWeights() => _pool.Run(_pack, _pack.Count);

    /// <summary>Sets the gradients of all parameters to zero.</summary>
    public void ClearGradients() => _pool.Run(_clear, _clear.Count);

    /// <summary>Computes the output; <paramref name="dropout"/> null means evaluation.</summary>
    public void Forward(PackedBatch batch, DropoutKey? dropout)
    {
        _step.Begin(batch, dropout);
        foreach (var storage in _storages) storage.Data = _step.Arena.Floats((long)_step.RowCount(storage.Rows) * storage.Width);
        foreach (var stage in _stages) stage.Forward(_step, _pool);
    }

    /// <summary>Adds to the gradients of all parameters; the gradient by the output stands in <see cref="OutputData"/>.</summary>
    public void Backward()
    {
        for (var i = _stages.Length - 1; i >= 0; i--) _stages[i].Backward(_step, _pool);
    }

    public void Dispose()
    {
        foreach (var operation in _plan.Operations) (operation as IDisposable)?.Dispose();
        _step.Arena.Dispose();
    }

    private sealed class PackBody(IReadOnlyList<Operation> operations) : IParallelBody
    {
        private readonly (Operation Operation, int Part)[] _parts =
            [.. operations.SelectMany(operation => Enumerable.Range(0, operation.PackParts).Select(part => (operation, part)))];

        public int Count => _parts.Length;

        public void Execute(int part, int worker) => _parts[part].Operation.Pack(_parts[part].Part);
    }

    private sealed class ClearBody(ParameterStore parameters) : IParallelBody
    {
        public int Count => (int)((parameters.Length + ClearChunk - 1) / ClearChunk);

        public void Execute(int part, int worker)
        {
            var start = part * ClearChunk;
            NativeMemory.Clear(parameters.AllGradients + start, (nuint)Math.Min(ClearChunk, parameters.Length - start) * sizeof(float));
        }
    }
}
