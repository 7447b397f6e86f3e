using SqueezeBert.Gradients.Losses;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Running;

/// <summary>
/// Evaluates a stage's model on a fixed part of the held-out examples. The windows of a text count as one: their logits' mean.
/// </summary>
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
        var sums = _stage.Task == TrainingTask.MaskedLanguage ? [] : new float[_examples.TextCount * _outputs];
        var windows = new int[_examples.TextCount];
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
                var text = _examples[_chosen[place++]].Text;
                windows[text]++;
                for (var k = 0; k < _outputs; k++) sums[(text * _outputs) + k] += model.Training.OutputData[(row * _outputs) + k];
            }
        }

        return _stage.Task == TrainingTask.MaskedLanguage
            ? new EvaluationSummary(total.Mean, total.Rows == 0 ? 0 : (double)total.Correct / total.Rows, total.Rows,
                new Dictionary<string, double>())
            : OfTexts(sums, windows);
    }

    private EvaluationSummary OfTexts(float[] sums, int[] windows)
    {
        var labels = new LabelBatch();
        var total = default(LossSum);
        var correct = new long[_stage.Data.Count];
        var counts = new long[_stage.Data.Count];
        var seen = new bool[windows.Length];
        foreach (var index in _chosen)
        {
            var example = _examples[index];
            if (seen[example.Text]) continue;
            seen[example.Text] = true;
            var logits = sums.AsSpan(example.Text * _outputs, _outputs);
            for (var k = 0; k < logits.Length; k++) logits[k] /= windows[example.Text];
            labels.Clear();
            if (_stage.Task == TrainingTask.SingleLabel) labels.AddClass(example.Label);
            else labels.AddValues(_examples.Values(example, _outputs));
            fixed (float* data = logits)
            {
                var result = _loss.Compute(data, 1, _outputs, labels, null, _pool);
                total += result;
                correct[_examples.SourceOf(example.Text)] += result.Correct;
                counts[_examples.SourceOf(example.Text)]++;
            }
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

    // Evenly spaced texts, so that every file has its share.
    private bool IsChosen(int text)
    {
        long limit = Math.Min(_stage.EvaluationLimit, _examples.TextCount);
        return (text + 1) * limit / _examples.TextCount > text * limit / _examples.TextCount;
    }
}
