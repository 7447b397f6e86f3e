using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>Mean over rows and outputs of (x - y)²: regression, or the logits of a teacher.</summary>
internal sealed unsafe class MeanSquaredError : Loss
{
    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => (double)rows * width;

    /// <inheritdoc/>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        var targets = target.Values;
        if (targets.Length != rows.Count * rows.Width)
            throw new InvalidOperationException($"{rows.Count} rows of {rows.Width} outputs but {targets.Length} label values");
        double sum = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var difference = (double)rows.Data[i] - targets[i];
            sum += difference * difference;
            if (rows.Gradient is not null) ElementGradient.Put(rows, i, 2 * difference / rows.Normaliser);
        }

        return new LossSum(sum, targets.Length, 0, rows.Count);
    }
}
