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
/// A graph that is ready to run. The weights are read and packed once and shared by all sessions. Thread-safe. Disposing lets running calls
/// complete and then frees the weights.
/// </summary>
internal sealed class Engine : IDisposable, IAsyncDisposable
{
    /// <summary>The name of the type that users dispose.</summary>
    private const string PublicName = "InferenceModel";

    private readonly Graph _graph;
    private readonly PackedWeights _weights;
    private readonly WorkerPool _pool;
    private readonly int _threads;
    private readonly SharingLimits _sharing;

    /// <param name="configuration">The configuration of the checkpoint.</param>
    /// <param name="graph">The graph of the configuration.</param>
    /// <param name="source">The source of the graph's parameters. It is not needed afterwards.</param>
    /// <param name="options">The options. Null uses the defaults.</param>
    /// <param name="pool">
    /// A thread pool that the model shares with others and that belongs to the caller. Null creates one according to the options.
    /// </param>
    /// <param name="cancellationToken">Cancels loading. It is checked between the parameters.</param>
    /// <exception cref="UnsupportedModelException">A layer is too wide for the precision.</exception>
    /// <exception cref="InvalidModelFileException">A head reads the n-grams of words, and there is no vocabulary.</exception>
    public Engine(
        ModelConfiguration configuration, Graph graph, IParameterSource source, EngineOptions? options = null, WorkerPool? pool = null,
        CancellationToken cancellationToken = default)
    {
        Configuration = configuration;
        _graph = graph;
        options ??= new EngineOptions();
        Weights = options.Weights ?? (source.ComputesInInt8 ? Int8Weights.Format : WeightFormat.Float32);
        RequireTerms(graph, Weights);
        foreach (var node in graph.Nodes.OfType<NgramNode>()) _ = node.Words();
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

    /// <summary>The names of the outputs that a session can compute: hidden states, attentions, pooler output and logits.</summary>
    public IReadOnlyList<string> OutputNames => [.. _graph.Outputs.Keys];

    /// <summary>The native memory that the weights take, in bytes.</summary>
    public long WeightBytes => _weights.ByteCount;

    /// <summary>The number format of the linear layers.</summary>
    public WeightFormat Weights { get; }

    /// <summary>The number of threads that one run may use, including the calling thread.</summary>
    public int ThreadCount => Math.Min(_threads, _pool.ThreadCount);

    public Graph Graph => _graph;

    /// <summary>The head on the encoder.</summary>
    public ModelHead Head => _graph.Head;

    /// <summary>Counts the users of the weights.</summary>
    public Lifetime Lifetime { get; }

    /// <summary>
    /// Creates a session that computes the named outputs and skips everything that they do not need. For example, the logits of a
    /// classifier need one row per text of the last layer.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// No output is named, or the model has no output of that name. The message lists the outputs of the model.
    /// </exception>
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

    /// <summary>Like <see cref="CreateSession"/>, for a caller that has already entered the lifetime.</summary>
    public ModelSession CreateEntered(IReadOnlyList<string> outputs)
    {
        var plan = PlanBuilder.Build(_graph, _weights, outputs);
        return new ModelSession(this, plan, new Execution(plan, _pool, _threads, _sharing));
    }

    /// <summary>Refuses new runs. The weights are freed after the last run has completed.</summary>
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
