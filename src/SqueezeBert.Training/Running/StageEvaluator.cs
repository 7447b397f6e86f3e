using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Running;

/// <summary>Evaluates a stage's model on a fixed part of the held-out examples. The windows of a text count as one.</summary>
internal sealed unsafe class StageEvaluator
{
    private const ulong MaskKey = 0xE7A1;

    private readonly StageRecipe _stage;
    private readonly ExampleSet _examples;
    private readonly int[] _chosen;
    private readonly MicroBatchBuilder _builder;
    private readonly Loss _loss;
    private readonly WorkerPool _pool;
    private readonly int _outputs;

    public StageEvaluator(StageRecipe stage, ExampleSet examples, TokenMasking? masking, Loss loss, int outputs, WorkerPool pool)
    {
        _stage = stage;
        _examples = examples;
        _builder = new MicroBatchBuilder(stage.Task, outputs, stage.MicroBatchTokens, masking);
        _loss = loss;
        _pool = pool;
        _outputs = outputs;
        _chosen = [.. Enumerable.Range(0, examples.Count).Where(i => IsChosen(examples[i].Text)).OrderBy(i => examples[i].Length)
            .ThenBy(i => i)];
    }

    public bool HasExamples => _chosen.Length > 0;

    public EvaluationSummary Evaluate(StageModel model, CancellationToken cancellationToken)
    {
        var total = default(LossSum);
        var scores = new TextScores(Problem, _stage.Task == TrainingTask.MaskedLanguage ? 0 : _examples.TextCount, _outputs);
        var place = 0;
        var count = _builder.Build(_examples, _chosen, MaskKey);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = _builder.Batches[i];
            model.Training.Forward(batch.Batch, null);
            if (_stage.Task == TrainingTask.MaskedLanguage)
            {
                total += _loss.Compute(model.Training.OutputData, model.Training.OutputRows, _outputs, batch.Labels, null, _pool);
                continue;
            }

            for (var row = 0; row < batch.Batch.TextCount; row++)
            {
                var example = _examples[_chosen[place++]];
                scores.Add(example.Text, example.Weight, new ReadOnlySpan<float>(model.Training.OutputData + (row * _outputs), _outputs));
            }
        }

        return _stage.Task == TrainingTask.MaskedLanguage
            ? new EvaluationSummary(total.Mean, total.Rows == 0 ? 0 : (double)total.Correct / total.Rows, total.Rows,
                new Dictionary<string, double>())
            : OfTexts(scores);
    }

    private ProblemType Problem => _stage.Task switch
    {
        TrainingTask.Regression => ProblemType.Regression,
        TrainingTask.MultiLabel => ProblemType.MultiLabelClassification,
        _ => ProblemType.SingleLabelClassification,
    };

    private EvaluationSummary OfTexts(TextScores scores)
    {
        var labels = new LabelBatch();
        var total = default(LossSum);
        var correct = new long[_stage.Data.Count];
        var counts = new long[_stage.Data.Count];
        var seen = new bool[_examples.TextCount];
        var values = new float[_outputs];
        foreach (var index in _chosen)
        {
            var example = _examples[index];
            if (seen[example.Text]) continue;
            seen[example.Text] = true;
            labels.Clear();
            if (_stage.Task == TrainingTask.SingleLabel) labels.AddClass(example.Label);
            else labels.AddValues(_examples.Values(example, _outputs));
            scores.Scores(example.Text, values);
            var isRight = IsRight(values, labels);
            scores.Logits(example.Text, values);
            fixed (float* data = values)
                total += _loss.Compute(data, 1, _outputs, labels, null, _pool) with { Correct = isRight ? 1 : 0 };
            correct[_examples.SourceOf(example.Text)] += isRight ? 1 : 0;
            counts[_examples.SourceOf(example.Text)]++;
        }

        if (_stage.Task == TrainingTask.Regression)
            return new EvaluationSummary(total.Mean, null, total.Rows, new Dictionary<string, double>());
        var bySource = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0) bySource[_stage.Data[i].File] = (double)correct[i] / counts[i];
        }

        return new EvaluationSummary(total.Mean, (double)total.Correct / total.Rows, total.Rows, bySource);
    }

    // The label that a user is told is the right one, or each label's answer is.
    private bool IsRight(ReadOnlySpan<float> scores, LabelBatch labels)
    {
        if (_stage.Task == TrainingTask.SingleLabel)
        {
            var best = 0;
            for (var k = 1; k < scores.Length; k++) best = scores[k] > scores[best] ? k : best;
            return best == labels.Classes[0];
        }

        for (var k = 0; k < scores.Length; k++)
        {
            if (scores[k] > 0.5f != labels.Values[k] > 0.5f) return false;
        }

        return true;
    }

    // Evenly spaced texts, so that every file has its share.
    private bool IsChosen(int text)
    {
        long limit = Math.Min(_stage.EvaluationLimit, _examples.TextCount);
        return (text + 1) * limit / _examples.TextCount > text * limit / _examples.TextCount;
    }
}
