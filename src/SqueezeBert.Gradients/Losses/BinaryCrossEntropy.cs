using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// The binary cross-entropy with logits, max(x, 0) - x y + log(1 + exp(-|x|)), as a mean over rows and outputs (multi-label
/// classification).
/// </summary>
internal sealed unsafe class BinaryCrossEntropy : Loss
{
    /// <inheritdoc/>
    public override double Weight(in LossTarget target, int rows, int width) => (double)rows * width;

    /// <inheritdoc/>
    public override LossSum Compute(in LossRows rows, in LossTarget target, WorkerPool pool)
    {
        var targets = target.Values;
        if (targets.Length != rows.Count * rows.Width)
            throw new InvalidOperationException($"{rows.Count} rows of {rows.Width} logits but {targets.Length} label values");
        double sum = 0;
        long correct = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var matches = true;
            for (var i = row * rows.Width; i < (row + 1) * rows.Width; i++)
            {
                double x = rows.Data[i];
                double y = targets[i];
                sum += Math.Max(x, 0) - (x * y) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
                matches &= x > 0 == y > 0.5;
                if (rows.Gradient is not null) ElementGradient.Put(rows, i, ((1 / (1 + Math.Exp(-x))) - y) / rows.Normaliser);
            }

            if (matches) correct++;
        }

        return new LossSum(sum, targets.Length, correct, rows.Count);
    }
}
