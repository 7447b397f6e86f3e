using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>
/// An encoder, with its head if it has one, ready to run: weights are read and packed once and shared by all sessions. Thread-safe.
/// </summary>
public sealed class InferenceModel : IDisposable
{
    private readonly Graph _graph;
    private readonly PackedWeights _weights;
    private readonly WorkerPool _pool;
    private readonly bool _ownsPool;
    private readonly int _threads;
    private readonly SharingLimits _sharing;
    private bool _disposed;

    /// <param name="configuration">The checkpoint's.</param>
    /// <param name="graph">Of the configuration.</param>
    /// <param name="source">The graph's parameters; not needed afterwards.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="pool">Threads that the model shares with others, and that belong to the caller; null: as the options say.</param>
    internal InferenceModel(
        ModelConfiguration configuration, Graph graph, IParameterSource source, InferenceOptions? options = null, WorkerPool? pool = null)
    {
        Configuration = configuration;
        _graph = graph;
        options ??= new InferenceOptions();
        _sharing = options.Sharing;
        _threads = options.Threads ?? pool?.ThreadCount ?? WorkerPool.DefaultThreadCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(_threads, 1, nameof(InferenceOptions.Threads));
        _ownsPool = pool is null && _threads > WorkerPool.DefaultThreadCount;
        _pool = pool ?? (_ownsPool ? new WorkerPool(_threads) : WorkerPool.Shared);
        _weights = new PackedWeights(graph.Nodes, source, _pool, options.Weights);
    }

    /// <summary>The checkpoint's configuration.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Outputs that a session can be asked for: hidden states, attentions, pooler output, logits.</summary>
    public IReadOnlyList<string> OutputNames => [.. _graph.Outputs.Keys];

    /// <summary>Native memory that the weights take, in bytes.</summary>
    public long WeightBytes => _weights.ByteCount;

    /// <summary>
    /// A session that computes the named outputs and nothing that they do not need: a classifier's logits need one row a text of the last
    /// layer.
    /// </summary>
    /// <exception cref="ArgumentException">The model has no output of that name; the message lists those it has.</exception>
    public InferenceSession CreateSession(params IReadOnlyList<string> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfZero(outputs.Count, nameof(outputs));
        var plan = PlanBuilder.Build(_graph, _weights, outputs);
        return new InferenceSession(this, plan, new Execution(plan, _pool, _threads, _sharing));
    }

    /// <summary>Frees the weights; sessions must not run any more.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _weights.Dispose();
        if (_ownsPool) _pool.Dispose();
    }

    internal Graph Graph => _graph;

    /// <summary>What stands on the encoder.</summary>
    internal ModelHead Head => _graph.Head;

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
