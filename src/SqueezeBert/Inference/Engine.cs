using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.Products;
using SqueezeBert.Kernels.Products.Int8;
using SqueezeBert.Threading;

namespace SqueezeBert.Inference;

/// <summary>
/// A graph, ready to run: weights are read and packed once and shared by all sessions. Thread-safe. Disposing lets what runs end, and frees
/// the weights then.
/// </summary>
internal sealed class Engine : IDisposable, IAsyncDisposable
{
    /// <summary>The type that users dispose.</summary>
    private const string PublicName = "InferenceModel";

    private readonly Graph _graph;
    private readonly PackedWeights _weights;
    private readonly WorkerPool _pool;
    private readonly int _threads;
    private readonly SharingLimits _sharing;

    /// <param name="configuration">The checkpoint's.</param>
    /// <param name="graph">Of the configuration.</param>
    /// <param name="source">The graph's parameters; not needed afterwards.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="pool">Threads that the model shares with others, and that belong to the caller; null: as the options say.</param>
    /// <param name="cancellationToken">Cancels loading. It is checked between the parameters.</param>
    /// <exception cref="UnsupportedModelException">A layer is too wide for the precision.</exception>
    public Engine(
        ModelConfiguration configuration, Graph graph, IParameterSource source, EngineOptions? options = null, WorkerPool? pool = null,
        CancellationToken cancellationToken = default)
    {
        Configuration = configuration;
        _graph = graph;
        options ??= new EngineOptions();
        Weights = options.Weights ?? (source.ComputesInInt8 ? Int8Weights.Format : WeightFormat.Float32);
        RequireTerms(graph, Weights);
        _sharing = options.Sharing;
        _threads = options.Threads ?? pool?.ThreadCount ?? WorkerPool.DefaultThreadCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(_threads, 1, nameof(EngineOptions.Threads));
        var ownsPool = pool is null && _threads > WorkerPool.DefaultThreadCount;
        _pool = pool ?? (ownsPool ? new WorkerPool(_threads) : WorkerPool.Shared);
        try
        {
            _weights = new PackedWeights(graph.Nodes, source, _pool, Weights, cancellationToken);
        }
        catch
        {
            if (ownsPool) _pool.Dispose();
            throw;
        }

        Lifetime = new Lifetime(PublicName, () =>
        {
            _weights.Dispose();
            if (ownsPool) _pool.Dispose();
        });
    }

    /// <summary>The checkpoint's configuration.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Outputs that a session can be asked for: hidden states, attentions, pooler output, logits.</summary>
    public IReadOnlyList<string> OutputNames => [.. _graph.Outputs.Keys];

    /// <summary>Native memory that the weights take, in bytes.</summary>
    public long WeightBytes => _weights.ByteCount;

    /// <summary>What the linear layers are computed with.</summary>
    public WeightFormat Weights { get; }

    /// <summary>Threads that one run may use, the caller's included.</summary>
    public int ThreadCount => Math.Min(_threads, _pool.ThreadCount);

    public Graph Graph => _graph;

    /// <summary>What stands on the encoder.</summary>
    public ModelHead Head => _graph.Head;

    /// <summary>Who uses the weights.</summary>
    public Lifetime Lifetime { get; }

    /// <summary>
    /// A session that computes the named outputs and nothing that they do not need: a classifier's logits need one row a text of the last
    /// layer.
    /// </summary>
    /// <exception cref="ArgumentException">The model has no output of that name; the message lists those it has.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public ModelSession CreateSession(params IReadOnlyList<string> outputs)
    {
        ArgumentOutOfRangeException.ThrowIfZero(outputs.Count, nameof(outputs));
        Lifetime.Enter();
        try
        {
            return CreateEntered(outputs);
        }
        finally
        {
            Lifetime.Exit();
        }
    }

    /// <summary>As <see cref="CreateSession"/>, for a caller that has been counted in.</summary>
    public ModelSession CreateEntered(IReadOnlyList<string> outputs)
    {
        var plan = PlanBuilder.Build(_graph, _weights, outputs);
        return new ModelSession(this, plan, new Execution(plan, _pool, _threads, _sharing));
    }

    /// <summary>Refuses new runs; frees the weights when the last one has ended.</summary>
    public void Dispose() => Lifetime.Close();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Lifetime.CloseAsync();

    private static void RequireTerms(Graph graph, WeightFormat weights)
    {
        if (graph.Nodes.OfType<LinearNode>().FirstOrDefault(node => node.Weight.Columns > weights.MaxTerms) is { } linear)
        {
            throw new UnsupportedModelException(
                $"a layer of {linear.Weight.Columns} inputs is too wide for this precision, which takes at most {weights.MaxTerms}; load " +
                    "the model in float32");
        }
    }
}
