using System.Runtime.InteropServices;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Operations;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Graphs;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Sessions;

/// <summary>
/// Runs a graph forward, keeping what the backward pass needs, and backward from its outputs to the trained parameters and the embeddings.
/// The bits do not depend on the number of threads: work is divided by rows, texts, heads or output channels, and every sum has a fixed
/// order. Not thread-safe.
/// </summary>
internal sealed unsafe class GradientSession : IDisposable
{
    /// <summary>The number of elements that one part of clearing covers.</summary>
    private const long ClearChunk = 1 << 16;

    private readonly GradientPlan _plan;
    private readonly BatchState _state;
    private readonly Dictionary<string, GradientOutput> _byName = [];
    private readonly GradientOutput[] _outputs;
    private readonly PackBody _pack;
    private readonly PackBody _packTrainable;
    private readonly ClearBody _clear;

    /// <param name="graph">The model.</param>
    /// <param name="outputs">The outputs that are computed and from which gradients come.</param>
    /// <param name="parameters">Values and gradients of the parameters that the outputs need; belongs to the caller.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    /// <param name="hasEmbeddingGradients">Whether the gradients of <see cref="Embeddings"/> are requested.</param>
    /// <exception cref="ArgumentException">The graph has no output of a name.</exception>
    /// <exception cref="NotSupportedException">An operation or an output has no backward pass.</exception>
    public GradientSession(
        Graph graph, IReadOnlyList<OutputRequest> outputs, ParameterStore parameters, WorkerPool pool, bool hasEmbeddingGradients = false)
    {
        Parameters = parameters;
        Pool = pool;
        _plan = new GradientPlan(graph, outputs, parameters, hasEmbeddingGradients);
        _state = new BatchState(pool.ThreadCount);
        var byValue = new Dictionary<Value, GradientOutput>();
        for (var i = 0; i < outputs.Count; i++)
        {
            if (!byValue.TryGetValue(_plan.Outputs[i], out var output))
                byValue.Add(_plan.Outputs[i], output = new GradientOutput(_plan.Outputs[i], _state));
            _byName.Add(outputs[i].Name, output);
        }

        _outputs = [.. byValue.Values];
        Embeddings = [.. _plan.Operations.OfType<EmbedOperation>().Select(operation => new EmbeddingInput(operation, _state))];
        _pack = new PackBody(_plan.Operations);
        _packTrainable = new PackBody(_plan.Operations.Where(operation => operation.IsTrained));
        _clear = new ClearBody(parameters);
    }

    public ParameterStore Parameters { get; }

    public WorkerPool Pool { get; }

    /// <summary>The embeddings of the graph, in its order; most architectures have one.</summary>
    public IReadOnlyList<EmbeddingInput> Embeddings { get; }

    /// <summary>Working memory held, in bytes.</summary>
    public long WorkingMemory => _state.Arena.ByteCount;

    /// <summary>An output that the session was made for.</summary>
    /// <exception cref="ArgumentException">The session was not created for this output.</exception>
    public GradientOutput Output(string name) => _byName.TryGetValue(name, out var output)
        ? output
        : throw new ArgumentException($"the session computes {string.Join(", ", _byName.Keys)}, not '{name}'", nameof(name));

    /// <summary>Packs all weights for the kernels. It is needed before the first pass and after values were loaded.</summary>
    public void PackWeights() => Pool.Run(_pack, _pack.Count);

    /// <summary>Like <see cref="PackWeights"/>, without frozen weights, after a step of an optimizer.</summary>
    public void PackTrainableWeights() => Pool.Run(_packTrainable, _packTrainable.Count);

    /// <summary>Sets the gradients of all parameters to zero.</summary>
    public void ClearGradients() => Pool.Run(_clear, _clear.Count);

    /// <summary>Computes the outputs. If <paramref name="dropout"/> is null, nothing is dropped (evaluation).</summary>
    public void Forward(PackedBatch batch, DropoutKey? dropout)
    {
        _state.Begin(batch, dropout);
        foreach (var output in _outputs) output.Begin();
        foreach (var storage in _plan.Storages) storage.Data = _state.Arena.Floats((long)_state.RowCount(storage.Rows) * storage.Width);
        foreach (var segment in _plan.Segments) segment.Forward(_state, Pool);
    }

    /// <summary>
    /// Adds the gradients of the outputs to those of the trained parameters. An output without a loss has no gradient. It may be called
    /// once per forward pass.
    /// </summary>
    public void Backward()
    {
        foreach (var output in _outputs) output.Complete();
        for (var i = _plan.Segments.Length - 1; i >= 0; i--) _plan.Segments[i].Backward(_state, Pool);
    }

    public void Dispose()
    {
        foreach (var operation in _plan.Operations) (operation as IDisposable)?.Dispose();
        _state.Arena.Dispose();
    }

    private sealed class PackBody(IEnumerable<Operation> operations) : IParallelBody
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
