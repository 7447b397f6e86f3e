using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks.Tagging;

namespace SqueezeBert.Training.Tasks.Intents;

/// <summary>
/// The accuracy of intents beside the figures of slots, and "frame_accuracy": the share of sentences whose intent and whose tags are all
/// right.
/// </summary>
internal sealed unsafe class IntentFigures(
    IntentData data, TaggingFigures slots, Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
{
    private readonly Dictionary<int, bool> _isRight = [];
    private LossSum _total;

    public override void Add(MicroBatch batch, ReadOnlySpan<int> examples)
    {
        slots.Add(batch, examples);
        var rows = logits.ForValue();
        _total += loss.Compute(rows, new LossTarget(batch.Labels.Texts), pool);
        for (var i = 0; i < examples.Length; i++)
        {
            var example = data.HeldOut[examples[i]];
            var scores = new ReadOnlySpan<float>(rows.Row(i), rows.Width);
            var best = 0;
            for (var k = 1; k < scores.Length; k++) best = scores[k] > scores[best] ? k : best;
            _isRight[example.Text] = best == data.IntentOf(data.HeldOut, example);
        }
    }

    public override EvaluationSummary Summary(CancellationToken cancellationToken)
    {
        var words = slots.Summary(cancellationToken);
        var texts = (double)_isRight.Count;
        var accuracy = _isRight.Values.Count(isRight => isRight) / texts;
        var intents = new EvaluationSummary(_total.Mean, accuracy, _isRight.Count, new Dictionary<string, double>());
        var joined = HeadSummaries.Join(
        [
            (IntentsAndSlotsTask.Intent, intents, accuracy, 1),
            (IntentsAndSlotsTask.Slots, words, TrainingTasks.TokenClassification.Score(words), 1),
        ]);
        return joined with
        {
            Examples = _isRight.Count,
            BySource = words.BySource,
            Figures = new SortedDictionary<string, double>(joined.Figures.ToDictionary(), StringComparer.Ordinal)
            {
                ["frame_accuracy"] = _isRight.Count(text => text.Value && slots.RightTexts.Contains(text.Key)) / texts,
            },
        };
    }
}
