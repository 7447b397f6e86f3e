using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>
/// Mean over rows and outputs of the binary cross-entropy with logits, max(x, 0) - x y + log(1 + exp(-|x|)) (multi-label classification).
/// </summary>
internal sealed unsafe class BinaryCrossEntropy : Loss
{
    public override double Weight(LabelBatch labels, int outputs) => labels.Values.Length;

    public override LossSum Compute(float* logits, int rows, int outputs, LabelBatch labels, double? normaliser, WorkerPool pool)
    {
        var targets = labels.Values;
        if (targets.Length != rows * outputs)
            throw new InvalidOperationException($"{rows} rows of {outputs} logits but {targets.Length} label values");
        double sum = 0;
        long correct = 0;
        for (var row = 0; row < rows; row++)
        {
            var matches = true;
            for (var i = row * outputs; i < (row + 1) * outputs; i++)
            {
                double x = logits[i];
                double y = targets[i];
                sum += Math.Max(x, 0) - (x * y) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
                matches &= x > 0 == y > 0.5;
                if (normaliser is not null) logits[i] = (float)(((1 / (1 + Math.Exp(-x))) - y) / normaliser.Value);
            }

            if (matches) correct++;
        }

        return new LossSum(sum, targets.Length, correct, rows);
    }
}
