using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.Backward;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Optimization;

/// <summary>AdamW (Loshchilov and Hutter, arXiv 1711.05101).</summary>
internal sealed unsafe class AdamW : Optimizer
{
    private readonly UpdateBody _update;

    /// <inheritdoc/>
    public AdamW(ParameterStore parameters, AdamWOptions options, WorkerPool pool, Func<Parameter, double>? rateFactor = null)
        : base(parameters, options, pool, rateFactor) => _update = new UpdateBody(this);

    /// <inheritdoc/>
    protected override void Update(double learningRate, float gradientScale)
    {
        _update.LearningRate = learningRate;
        _update.Rest = 1 - Math.Pow(Options.Beta1, StepCount);
        _update.Factors = new AdamWFactors
        {
            Gradient = gradientScale,
            First = (float)(1 - Options.Beta1),
            Second = (float)Options.Beta2,
            SecondRest = (float)(1 - Options.Beta2),
            Correction = (float)Math.Sqrt(1 - Math.Pow(Options.Beta2, StepCount)),
            Epsilon = (float)Options.Epsilon,
        };
        Pool.Run(_update, Chunks.Length);
    }

    private sealed class UpdateBody(AdamW owner) : IParallelBody
    {
        public double LearningRate { get; set; }

        /// <summary>1 - β₁ᵗ.</summary>
        public double Rest { get; set; }

        public AdamWFactors Factors { get; set; }

        public void Execute(int part, int worker)
        {
            var chunk = owner.Chunks[part];
            var rate = LearningRate * chunk.RateFactor;
            AdamWUpdate.Run(
                owner.Parameters.AllValues + chunk.Start, owner.Parameters.AllGradients + chunk.Start, owner.FirstMoments + chunk.Start,
                owner.SecondMoments + chunk.Start, chunk.PaddedCount, Factors with
                {
                    StepSize = (float)(rate / Rest),
                    Keep = chunk.Decays ? (float)(1 - (rate * owner.Options.WeightDecay)) : 1,
                });
        }
    }
}
