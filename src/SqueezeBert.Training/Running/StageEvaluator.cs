using SqueezeBert.Training.Data;
using SqueezeBert.Training.Tasks;

namespace SqueezeBert.Training.Running;

/// <summary>Evaluates a stage's model on a fixed part of the held-out examples.</summary>
internal sealed class StageEvaluator
{
    private const ulong MaskKey = 0xE7A1;

    private readonly StageLearning _learning;
    private readonly ExampleSet _examples;
    private readonly int[] _chosen;
    private readonly MicroBatchBuilder _builder;

    public StageEvaluator(StageRecipe stage, ExampleSet examples, StageLearning learning)
    {
        _learning = learning;
        _examples = examples;
        _builder = new MicroBatchBuilder(learning.Writer, stage.MicroBatchTokens);
        _chosen = [.. Enumerable.Range(0, examples.Count).Where(i => examples.IsChosen(examples[i].Text, stage.EvaluationLimit))
            .OrderBy(i => examples.PartOf(examples[i])).ThenBy(i => examples[i].Length).ThenBy(i => i)];
    }

    public bool HasExamples => _chosen.Length > 0;

    public EvaluationSummary Evaluate(StageModel model, CancellationToken cancellationToken)
    {
        var figures = _learning.CreateFigures();
        var place = 0;
        var count = _builder.Build(_examples, _chosen, MaskKey);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = _builder.Batches[i];
            _learning.PrepareEvaluation(batch);
            model.Training.Forward(batch.Batch, null);
            var examples = _chosen.AsSpan(place, batch.Examples.Count);
            figures.Add(batch, examples);
            place += examples.Length;
        }

        return figures.Summary(cancellationToken);
    }
}
