using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// An optimizer with two moments and clipping by the global norm, over the trainable parameters of a store. Elements are independent and
/// sums have a fixed order, so the bits do not depend on the threads. A step allocates nothing.
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

    /// <param name="parameters">The values and gradients, which belong to the caller.</param>
    /// <param name="options">Settings.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    /// <param name="rateFactor">Returns the factor of a parameter's learning rate. Null means 1 for all.</param>
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

    /// <summary>The number of completed steps.</summary>
    public long StepCount { get; set; }

    protected ParameterStore Parameters { get; }

    protected AdamWOptions Options { get; }

    protected WorkerPool Pool { get; }

    /// <summary>The chunks of all parameters, one parameter after the other.</summary>
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

    /// <summary>Returns the means of the gradients, with the layout of the parameters.</summary>
    public Span<float> FirstMoment(Parameter parameter) =>
        new(_firstMoment.Floats + Parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Returns the means of the squared gradients, with the layout of the parameters.</summary>
    public Span<float> SecondMoment(Parameter parameter) =>
        new(_secondMoment.Floats + Parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Returns √Σ g² over all parameters.</summary>
    public double GradientNorm()
    {
        Pool.Run(_norm, Chunks.Length);
        double sum = 0;
        foreach (var square in _squares) sum += square;
        return Math.Sqrt(sum);
    }

    /// <summary>
    /// Does one step. Gradients are scaled down to a norm of at most <paramref name="maxNorm"/> (0 disables it), then moments and
    /// parameters are updated. The gradients are undefined afterwards. Returns the norm before clipping. A step whose norm is not finite
    /// changes nothing.
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

    /// <summary>Updates moments and parameters.</summary>
    /// <param name="learningRate">The learning rate of parameters with factor 1.</param>
    /// <param name="gradientScale">The factor of the gradients after clipping.</param>
    protected abstract void Update(double learningRate, float gradientScale);

    /// <summary>A chunk of a parameter.</summary>
    /// <param name="Parameter">The number of the parameter among the trainable ones.</param>
    /// <param name="Start">The offset in a block.</param>
    /// <param name="Count">The number of elements.</param>
    /// <param name="Decays">Whether weight decay applies.</param>
    /// <param name="RateFactor">The factor of the learning rate.</param>
    protected readonly record struct Chunk(int Parameter, long Start, int Count, bool Decays, double RateFactor)
    {
        /// <summary>
        /// The number of elements up to the next whole vector. The elements between two parameters have no gradient and remain zero.
        /// </summary>
        public int PaddedCount => (Count + Lanes - 1) & ~(Lanes - 1);
    }

    private sealed class NormBody(Optimizer owner) : IParallelBody
    {
        public void Execute(int part, int worker) =>
            owner._squares[part] = Elementwise.SumOfSquares(
                owner.Parameters.AllGradients + owner.Chunks[part].Start, owner.Chunks[part].Count);
    }
}
