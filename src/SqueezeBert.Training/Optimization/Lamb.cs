using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Kernels.RowWise;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>
/// LAMB (You et al., arXiv 1904.00962). The direction u is that of AdamW including the weight decay. A parameter w moves by the learning
/// rate times ‖w‖ / ‖u‖, or times one if either norm is zero. Parameters without decay move as in AdamW, like in the authors' program. The
/// directions replace the gradients, so they need no memory.
/// </summary>
internal sealed unsafe class Lamb : Optimizer
{
    private readonly DirectionBody _direction;
    private readonly MoveBody _move;

    // Of each chunk: Σ w² and Σ u²; of each parameter: the trust ratio.
    private readonly double[] _valueSquares;
    private readonly double[] _directionSquares;
    private readonly double[] _ratios;

    /// <inheritdoc/>
    public Lamb(ParameterStore parameters, AdamWOptions options, WorkerPool pool, Func<Parameter, double>? rateFactor = null)
        : base(parameters, options, pool, rateFactor)
    {
        _valueSquares = new double[Chunks.Length];
        _directionSquares = new double[Chunks.Length];
        _ratios = new double[parameters.Trainable.Count];
        _direction = new DirectionBody(this);
        _move = new MoveBody(this);
    }

    /// <inheritdoc/>
    protected override void Update(double learningRate, float gradientScale)
    {
        _direction.Factors = new LambFactors
        {
            Gradient = gradientScale,
            First = (float)(1 - Options.Beta1),
            Second = (float)Options.Beta2,
            SecondRest = (float)(1 - Options.Beta2),
            FirstCorrection = (float)(1 / (1 - Math.Pow(Options.Beta1, StepCount))),
            Correction = (float)Math.Sqrt(1 - Math.Pow(Options.Beta2, StepCount)),
            Epsilon = (float)Options.Epsilon,
            Decay = (float)Options.WeightDecay,
        };
        Pool.Run(_direction, Chunks.Length);
        FindRatios();
        _move.LearningRate = learningRate;
        Pool.Run(_move, Chunks.Length);
    }

    private void FindRatios()
    {
        for (var first = 0; first < Chunks.Length;)
        {
            double values = 0, directions = 0;
            var end = first;
            for (; end < Chunks.Length && Chunks[end].Parameter == Chunks[first].Parameter; end++)
            {
                values += _valueSquares[end];
                directions += _directionSquares[end];
            }

            var isAdapted = Chunks[first].Decays && values > 0 && directions > 0;
            _ratios[Chunks[first].Parameter] = isAdapted ? Math.Sqrt(values / directions) : 1;
            first = end;
        }
    }

    private sealed class DirectionBody(Lamb owner) : IParallelBody
    {
        public LambFactors Factors { get; set; }

        public void Execute(int part, int worker)
        {
            var chunk = owner.Chunks[part];
            float* values = owner.Parameters.AllValues + chunk.Start, directions = owner.Parameters.AllGradients + chunk.Start;
            LambDirection.Run(
                values, directions, owner.FirstMoments + chunk.Start, owner.SecondMoments + chunk.Start, chunk.PaddedCount,
                chunk.Decays ? Factors : Factors with { Decay = 0 });
            owner._valueSquares[part] = Elementwise.SumOfSquares(values, chunk.Count);
            owner._directionSquares[part] = Elementwise.SumOfSquares(directions, chunk.Count);
        }
    }

    private sealed class MoveBody(Lamb owner) : IParallelBody
    {
        public double LearningRate { get; set; }

        public void Execute(int part, int worker)
        {
            var chunk = owner.Chunks[part];
            Elementwise.AddScaled(
                (float)(-LearningRate * chunk.RateFactor * owner._ratios[chunk.Parameter]), owner.Parameters.AllGradients + chunk.Start,
                owner.Parameters.AllValues + chunk.Start, chunk.Count);
        }
    }
}
