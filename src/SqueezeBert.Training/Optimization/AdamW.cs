using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Memory;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// AdamW with clipping by the global norm, over the trainable parameters of a store. Elements are independent, so threads do not show in
/// the bits.
/// </summary>
internal sealed unsafe class AdamW : IDisposable
{
    // A multiple of the chunk of a sum, so that the norm's partial sums do not depend on the threads.
    private const int ChunkSize = 4 * Elementwise.ChunkSize;
    private const int Lanes = 16;

    private readonly ParameterStore _parameters;
    private readonly WorkerPool _pool;
    private readonly AdamWOptions _options;
    private readonly List<(long Start, int Count, bool Decay)> _chunks = [];
    private readonly double[] _squares;
    private readonly UpdateBody _update;
    private readonly NormBody _norm;
    private readonly NativeBuffer _firstMoment;
    private readonly NativeBuffer _secondMoment;

    public AdamW(ParameterStore parameters, AdamWOptions options, WorkerPool pool)
    {
        _parameters = parameters;
        _options = options;
        _pool = pool;
        _firstMoment = parameters.Allocate();
        _secondMoment = parameters.Allocate();
        foreach (var parameter in parameters.Trainable)
        {
            var decay = options.DecayBiasesAndNorms || parameter.Kind is ParameterKind.Weight or ParameterKind.Embedding;
            for (long start = 0; start < parameter.Length; start += ChunkSize)
                _chunks.Add((parameters.Offset(parameter) + start, (int)Math.Min(ChunkSize, parameter.Length - start), decay));
        }

        _squares = new double[_chunks.Count];
        _update = new UpdateBody(this);
        _norm = new NormBody(this);
    }

    /// <summary>Steps done.</summary>
    public long StepCount { get; set; }

    /// <summary>Means of the gradients, laid out as the parameters.</summary>
    public Span<float> FirstMoment(Parameter parameter) =>
        new(_firstMoment.Floats + _parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Means of the squared gradients, laid out as the parameters.</summary>
    public Span<float> SecondMoment(Parameter parameter) =>
        new(_secondMoment.Floats + _parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>√Σ g² over all parameters.</summary>
    public double GradientNorm()
    {
        _pool.Run(_norm, _chunks.Count);
        double sum = 0;
        foreach (var square in _squares) sum += square;
        return Math.Sqrt(sum);
    }

    /// <summary>
    /// One step: gradients are scaled down to a norm of at most <paramref name="maxNorm"/> (0: not), then moments and parameters move.
    /// Returns the norm before clipping; a step whose norm is not finite changes nothing.
    /// </summary>
    public double Step(double learningRate, double maxNorm)
    {
        var norm = GradientNorm();
        if (!double.IsFinite(norm)) return norm;
        StepCount++;
        _update.Factors = new AdamWFactors
        {
            Gradient = maxNorm > 0 && norm > maxNorm ? (float)(maxNorm / (norm + 1e-6)) : 1,
            First = (float)(1 - _options.Beta1),
            Second = (float)_options.Beta2,
            SecondRest = (float)(1 - _options.Beta2),
            Correction = (float)Math.Sqrt(1 - Math.Pow(_options.Beta2, StepCount)),
            Epsilon = (float)_options.Epsilon,
            StepSize = (float)(learningRate / (1 - Math.Pow(_options.Beta1, StepCount))),
            Keep = (float)(1 - (learningRate * _options.WeightDecay)),
        };
        _pool.Run(_update, _chunks.Count);
        return norm;
    }

    public void Dispose()
    {
        _firstMoment.Dispose();
        _secondMoment.Dispose();
    }

    private sealed class NormBody(AdamW owner) : IParallelBody
    {
        public void Execute(int part, int worker) =>
            owner._squares[part] = Elementwise.SumOfSquares(
                owner._parameters.AllGradients + owner._chunks[part].Start, owner._chunks[part].Count);
    }

    private sealed class UpdateBody(AdamW owner) : IParallelBody
    {
        public AdamWFactors Factors { get; set; }

        public void Execute(int part, int worker)
        {
            // Whole vectors: the elements up to the next parameter have no gradient and stay zero.
            var (start, count, decay) = owner._chunks[part];
            AdamWUpdate.Run(
                owner._parameters.AllValues + start, owner._parameters.AllGradients + start, owner._firstMoment.Floats + start,
                owner._secondMoment.Floats + start,
                (count + Lanes - 1) & ~(Lanes - 1), decay ? Factors : Factors with { Keep = 1 });
        }
    }
}
