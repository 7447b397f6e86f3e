using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SqueezeBert.Kernels;
using SqueezeBert.Models;
using SqueezeBert.Threading;
using SqueezeBert.Training.Engine;

namespace SqueezeBert.Training.Optimization;

/// <summary>AdamW with clipping by the global norm, over all parameters of a store. Elements are independent, so threads do not show in the bits.</summary>
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
    private float* _firstMoment;
    private float* _secondMoment;

    public AdamW(ParameterStore parameters, AdamWOptions options, WorkerPool pool)
    {
        _parameters = parameters;
        _options = options;
        _pool = pool;
        _firstMoment = parameters.Allocate();
        _secondMoment = parameters.Allocate();
        foreach (var parameter in parameters.Parameters)
        {
            var decay = options.DecayBiasesAndNorms || parameter.Kind is ParameterKind.Weight or ParameterKind.Embedding;
            for (long start = 0; start < parameter.Length; start += ChunkSize)
                _chunks.Add((parameters.Offset(parameter) + start, (int)Math.Min(ChunkSize, parameter.Length - start), decay));
        }

        _squares = new double[_chunks.Count];
        _update = new UpdateBody(this);
        _norm = new NormBody(this);
    }

    ~AdamW() => Free();

    /// <summary>Steps done.</summary>
    public long StepCount { get; set; }

    /// <summary>Means of the gradients, laid out as the parameters.</summary>
    public Span<float> FirstMoment(Parameter parameter) => new(_firstMoment + _parameters.Offset(parameter), checked((int)parameter.Length));

    /// <summary>Means of the squared gradients, laid out as the parameters.</summary>
    public Span<float> SecondMoment(Parameter parameter) => new(_secondMoment + _parameters.Offset(parameter), checked((int)parameter.Length));

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
        _update.GradientScale = maxNorm > 0 && norm > maxNorm ? (float)(maxNorm / (norm + 1e-6)) : 1;
        _update.Decay = (float)(1 - (learningRate * _options.WeightDecay));
        _update.StepSize = (float)(learningRate / (1 - Math.Pow(_options.Beta1, StepCount)));
        _update.SecondCorrection = (float)Math.Sqrt(1 - Math.Pow(_options.Beta2, StepCount));
        _pool.Run(_update, _chunks.Count);
        return norm;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_firstMoment);
        NativeMemory.AlignedFree(_secondMoment);
        _firstMoment = _secondMoment = null;
    }

    private sealed class NormBody(AdamW owner) : IParallelBody
    {
        public void Execute(int part, int worker) =>
            owner._squares[part] = Elementwise.SumOfSquares(owner._parameters.AllGradients + owner._chunks[part].Start, owner._chunks[part].Count);
    }

    private sealed class UpdateBody(AdamW owner) : IParallelBody
    {
        public float GradientScale { get; set; }

        public float Decay { get; set; }

        public float StepSize { get; set; }

        public float SecondCorrection { get; set; }

        public void Execute(int part, int worker)
        {
            // Whole vectors: the elements up to the next parameter have no gradient and stay zero.
            var (start, count, decay) = owner._chunks[part];
            var options = owner._options;
            var beta1 = Vector512.Create((float)(1 - options.Beta1));
            var beta2 = Vector512.Create((float)options.Beta2);
            var rest2 = Vector512.Create((float)(1 - options.Beta2));
            var epsilon = Vector512.Create((float)options.Epsilon);
            var scale = Vector512.Create(GradientScale);
            var keep = Vector512.Create(decay ? Decay : 1);
            var stepSize = Vector512.Create(StepSize);
            var correction = Vector512.Create(SecondCorrection);
            for (var i = start; i < start + count; i += Lanes)
            {
                var g = Vector512.Load(owner._parameters.AllGradients + i) * scale;
                var m = Vector512.Load(owner._firstMoment + i);
                m += (g - m) * beta1;
                var v = (Vector512.Load(owner._secondMoment + i) * beta2) + (g * g * rest2);
                m.Store(owner._firstMoment + i);
                v.Store(owner._secondMoment + i);
                var root = (Vector512.Sqrt(v) / correction) + epsilon;
                var value = Vector512.Load(owner._parameters.AllValues + i) * keep;
                (value - (stepSize * m / root)).Store(owner._parameters.AllValues + i);
            }
        }
    }
}
