using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>Rows stand alone, each with a class: masked tokens, whatever text they are of, or pairs of segments.</summary>
internal sealed class RowFigures(Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
{
    private LossSum _total;

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples) =>
        _total += loss.Compute(logits.ForValue(), new LossTarget(batch.Labels), pool);

    public override EvaluationSummary Summary(CancellationToken cancellationToken) => new(
        _total.Mean, _total.Rows == 0 ? 0 : (double)_total.Correct / _total.Rows, _total.Rows, new Dictionary<string, double>());
}
