using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// A rule with two moments and clipping by the global norm, over the trainable parameters of a store. Elements are independent, and sums
/// have one order, so threads do not show in the bits. A step allocates nothing.
/// </summary>
internal abstract unsafe class Optimizer : IDisposable
{
    // A multiple of the chunk of a sum, so that the norm's partial sums do not depend on the threads.
    private const int ChunkSize = 4 * Elementwise.ChunkSize;
    private const int Lanes = 16;

    private readonly double[] _squares;
    private readonly NormBody _norm;
    private readonly NativeBuffer _firstMoment;
    private readonly NativeBuffer _secondMoment;

    /// <param name="parameters">Values and gradients; belongs to the caller.</param>
    /// <param name="options">Settings.</param>
    /// <param name="pool">Threads; belongs to the caller.</param>
    /// <param name="rateFactor">What a parameter's learning rate is multiplied by; null: all alike.</param>
    protected Optimizer(ParameterStore parameters, AdamWOptions options, WorkerPool pool, Func<Parameter, double>? rateFactor)
    {
        Parameters = parameters;
        Options = options;
        Pool = pool;
        _firstMoment = parameters.Allocate();
        _secondMoment = parameters.Allocate();
        var chunks = new List<Chunk>();
        for (var i = 0; i < parameters.Trainable.Count; i++)
        {
            var parameter = parameters.Trainable[i];
            var decays = options.DecayBiasesAndNorms || parameter.Kind is ParameterKind.Weight or ParameterKind.Embedding;
            for (long start = 0; start < parameter.Length; start += ChunkSize)
            {
                chunks.Add(new Chunk(i, parameters.Offset(parameter) + start, (int)Math.Min(ChunkSize, parameter.Length - start), decays,
                    rateFactor?.Invoke(parameter) ?? 1));
            }
        }

        Chunks = [.. chunks];
        _squares = new double[Chunks.Length];
        _norm = new NormBody(this);
    }

    /// <summary>Steps done.</summary>
    public long StepCount { get; set; }

    protected ParameterStore Parameters { get; }

    protected AdamWOptions Options { get; }

    protected WorkerPool Pool { get; }

    /// <summary>Pieces of parameters, one parameter after the other.</summary>
    protected Chunk[] Chunks { get; }

    protected float* FirstMoments => _firstMoment.Floats;

    protected float* SecondMoments => _secondMoment.Floats;

    /// <summary>Makes the optimizer of a kind.</summary>
    public static Optimizer Create(OptimizerKind kind, ParameterStore parameters, AdamWOptions options, WorkerPool pool,
        Func<Parameter, double>? rateFactor = null) => kind switch
        {
            OptimizerKind.AdamW => new AdamW(parameters, options, pool, rateFactor),
            OptimizerKind.Lamb => new Lamb(parameters, options, pool, rateFactor),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    /// <summary>Means of the gradients, laid out as the parameters.</summary>
    public Span<float> FirstMoment(Parameter parameter) =>
        new(_firstMoment.Floats + Parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Means of the squared gradients, laid out as the parameters.</summary>
    public Span<float> SecondMoment(Parameter parameter) =>
        new(_secondMoment.Floats + Parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>√Σ g² over all parameters.</summary>
    public double GradientNorm()
    {
        Pool.Run(_norm, Chunks.Length);
        double sum = 0;
        foreach (var square in _squares) sum += square;
        return Math.Sqrt(sum);
    }

    /// <summary>
    /// One step: gradients are scaled down to a norm of at most <paramref name="maxNorm"/> (0: not), then moments and parameters move; what
    /// the gradients hold afterwards is undefined. Returns the norm before clipping; a step whose norm is not finite changes nothing.
    /// </summary>
    public double Step(double learningRate, double maxNorm)
    {
        var norm = GradientNorm();
        if (!double.IsFinite(norm)) return norm;
        StepCount++;
        Update(learningRate, maxNorm > 0 && norm > maxNorm ? (float)(maxNorm / (norm + 1e-6)) : 1);
        return norm;
    }

    public void Dispose()
    {
        _firstMoment.Dispose();
        _secondMoment.Dispose();
    }

    /// <summary>Moves moments and parameters.</summary>
    /// <param name="learningRate">Of parameters whose factor is one.</param>
    /// <param name="gradientScale">What clipping leaves of the gradients.</param>
    protected abstract void Update(double learningRate, float gradientScale);

    /// <summary>A piece of a parameter.</summary>
    /// <param name="Parameter">Its number among the trainable ones.</param>
    /// <param name="Start">Where it starts in a block.</param>
    /// <param name="Count">Its elements.</param>
    /// <param name="Decays">Whether weight decay applies.</param>
    /// <param name="RateFactor">On the learning rate.</param>
    protected readonly record struct Chunk(int Parameter, long Start, int Count, bool Decays, double RateFactor)
    {
        /// <summary>Whole vectors: the elements up to the next parameter have no gradient and stay zero.</summary>
        public int PaddedCount => (Count + Lanes - 1) & ~(Lanes - 1);
    }

    private sealed class NormBody(Optimizer owner) : IParallelBody
    {
        public void Execute(int part, int worker) =>
            owner._squares[part] = Elementwise.SumOfSquares(
                owner.Parameters.AllGradients + owner.Chunks[part].Start, owner.Chunks[part].Count);
    }
}
