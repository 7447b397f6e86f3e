using SqueezeBert.Gradients.Losses;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Running;

/// <summary>Evaluates a stage's model on a fixed part of the held-out examples.</summary>
internal sealed class StageEvaluator
{
    private const ulong MaskKey = 0xE7A1;

    private readonly StageRecipe _stage;
    private readonly ExampleSet _examples;
    private readonly int[] _chosen;
    private readonly MicroBatchBuilder _builder;
    private readonly Loss _loss;
    private readonly WorkerPool _pool;
    private readonly int _outputs;

    public StageEvaluator(StageRecipe stage, ExampleSet examples, ExampleWriter writer, Loss loss, int outputs, WorkerPool pool)
    {
        _stage = stage;
        _examples = examples;
        _builder = new MicroBatchBuilder(writer, stage.MicroBatchTokens);
        _loss = loss;
        _pool = pool;
        _outputs = outputs;
        _chosen = [.. Enumerable.Range(0, examples.Count).Where(i => IsChosen(examples[i].Text)).OrderBy(i => examples[i].Length)
            .ThenBy(i => i)];
    }

    public bool HasExamples => _chosen.Length > 0;

    public EvaluationSummary Evaluate(StageModel model, CancellationToken cancellationToken)
    {
        var figures = _stage.Task.CreateFigures(_stage, _examples, _loss, _outputs, _pool);
        var place = 0;
        var count = _builder.Build(_examples, _chosen, MaskKey);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = _builder.Batches[i];
            model.Training.Forward(batch.Batch, null);
            var examples = _chosen.AsSpan(place, batch.Batch.TextCount);
            figures.Add(batch, examples, model.Logits.ForValue());
            place += examples.Length;
        }

        return figures.Summary();
    }

    // Evenly spaced texts, so that every file has its share.
    private bool IsChosen(int text)
    {
        long limit = Math.Min(_stage.EvaluationLimit, _examples.TextCount);
        return (text + 1) * limit / _examples.TextCount > text * limit / _examples.TextCount;
    }
}
