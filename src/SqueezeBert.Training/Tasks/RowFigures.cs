using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// Rows stand alone, each with a class: masked tokens, whatever text they are of, or pairs of segments. Where none was predicted there is
/// no loss, which is not the same as a loss of zero.
/// </summary>
internal sealed class RowFigures(Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
{
    private LossSum _total;

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples) =>
        _total += loss.Compute(logits.ForValue(), new LossTarget(batch.Labels), pool);

    public override EvaluationSummary Summary(CancellationToken cancellationToken) => new(
        MeanOf(_total), _total.Rows == 0 ? null : ShareOf(_total), _total.Rows, new Dictionary<string, double>());

    /// <summary>The mean loss; NaN without a row, so that such an evaluation is never the best.</summary>
    public static double MeanOf(LossSum sum) => sum.Rows == 0 ? double.NaN : sum.Mean;

    /// <summary>The share of rows that are right; NaN without a row.</summary>
    public static double ShareOf(LossSum sum) => (double)sum.Correct / sum.Rows;
}
