using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Losses;

/// <summary>Mean over rows and outputs of (x - y)² (regression).</summary>
internal sealed unsafe class MeanSquaredError : Loss
{
    public override double Weight(LabelBatch labels, int outputs) => labels.Values.Length;

    public override LossSum Compute(float* logits, int rows, int outputs, LabelBatch labels, double? normaliser, WorkerPool pool)
    {
        var targets = labels.Values;
        if (targets.Length != rows * outputs)
            throw new InvalidOperationException($"{rows} rows of {outputs} outputs but {targets.Length} label values");
        double sum = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var difference = (double)logits[i] - targets[i];
            sum += difference * difference;
            if (normaliser is not null) logits[i] = (float)(2 * difference / normaliser.Value);
        }

        return new LossSum(sum, targets.Length, 0, rows);
    }
}
