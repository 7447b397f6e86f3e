using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>Figures of labelled texts. The windows of a text count as one, by the scores that a user of the model gets.</summary>
internal sealed unsafe class TextFigures(
    LabelledTask task, StageRecipe stage, ExampleSet examples, Loss loss, GradientOutput logits, WorkerPool pool) : HeldOutFigures
{
    private readonly TextScores _scores = new(task.Problem, logits.Width);

    // The first example of each text that was evaluated, in order.
    private readonly List<Example> _texts = [];

    public override void Add(MicroBatch batch, ReadOnlySpan<int> numbers)
    {
        var rows = logits.ForValue();
        for (var row = 0; row < rows.Count; row++)
        {
            var example = examples[numbers[row]];
            if (_scores.Add(example.Text, example.Weight, new ReadOnlySpan<float>(rows.Row(row), rows.Width))) _texts.Add(example);
        }
    }

    // Of numbers, how they agree with the labels' order and size; of more outputs than one, the loss alone.
    private EvaluationSummary Numbers(LossSum total)
    {
        var summary = new EvaluationSummary(total.Mean, null, total.Rows, new Dictionary<string, double>());
        if (logits.Width != 1) return summary;
        var labels = _texts.Select(example => (double)examples.Values(example, 1)[0]).ToArray();
        var predictions = new double[labels.Length];
        var value = new float[1];
        for (var i = 0; i < predictions.Length; i++)
        {
            _scores.Scores(_texts[i].Text, value);
            predictions[i] = value[0];
        }

        return summary with
        {
            Figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["pearson"] = RegressionMetrics.Pearson(labels, predictions),
                ["spearman"] = RegressionMetrics.Spearman(labels, predictions),
            },
        };
    }

    public override EvaluationSummary Summary(CancellationToken cancellationToken)
    {
        var outputs = logits.Width;
        var total = default(LossSum);
        var labels = new LabelBatch();
        var values = new float[outputs];
        var isCounted = false;
        var bySource = new (long Right, long All)[stage.Sources.Count];
        foreach (var example in _texts)
        {
            labels.Clear();
            task.AddLabel(labels, examples, example, outputs);
            _scores.Scores(example.Text, values);
            var isRight = task.IsRight(values, labels);
            isCounted |= isRight is not null;
            _scores.Logits(example.Text, values);
            fixed (float* data = values)
            {
                var sum = loss.Compute(new LossRows(data, 1, outputs), new LossTarget(labels), pool);
                total += sum with { Correct = isRight == true ? 1 : 0 };
            }

            ref var source = ref bySource[examples.SourceOf(example.Text)];
            source = (source.Right + (isRight == true ? 1 : 0), source.All + 1);
        }

        if (!isCounted) return Numbers(total);
        var accuracies = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < bySource.Length; i++)
        {
            if (bySource[i].All > 0) FileShares.Add(accuracies, stage.Sources[i].File, (double)bySource[i].Right / bySource[i].All);
        }

        return new EvaluationSummary(total.Mean, (double)total.Correct / total.Rows, total.Rows, accuracies);
    }
}
