using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>One of several labels per text. The loss is the cross-entropy.</summary>
internal sealed class SingleLabelTask() : SoftLabelTask("single-label")
{
    internal override LabelKind Labels => LabelKind.Name;

    internal override string Files => "a table with one text and one label per row";

    internal override ProblemType Problem => ProblemType.SingleLabelClassification;

    internal override bool HasLabelSmoothing => true;

    internal override bool HasClassWeights => true;

    internal override Loss CreateSoftLoss(SoftLabels soft) =>
        soft.MatchLogits ? new TeacherLogitError(soft.Weight) : new SoftLabelLoss(soft.Weight, soft.Temperature);

    internal override StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var data = base.Read(input, cancellationToken);
        var count = data.Labels.Count;
        if (count < 2)
            throw input.Error("labels", $"the data have {count} label{(count == 1 ? "" : "s")}; a classifier needs at least two");
        if (input.Stage.ClassWeights is { } weights && weights.Count != count)
            throw input.Error("class_weights", $"has {weights.Count} numbers for {count} labels");
        return data;
    }

    internal override int ReadLabel(string text, LabelIds labels, ExampleSet set, string file, long line) =>
        labels.Id(text.Trim(), file, line);

    internal override void AddLabel(LabelBatch labels, ExampleSet set, Example example, int outputs) => labels.AddClass(example.Label);

    internal override Loss CreateLoss(StageRecipe stage) =>
        new SoftmaxCrossEntropy((float)stage.LabelSmoothing, stage.ClassWeights?.Select(weight => (float)weight).ToList());

    // The label that a user is told; of equal scores the first.
    internal override bool? IsRight(ReadOnlySpan<float> scores, LabelBatch label)
    {
        var best = 0;
        for (var k = 1; k < scores.Length; k++) best = scores[k] > scores[best] ? k : best;
        return best == label.Classes[0];
    }

    internal override double Score(EvaluationSummary evaluation) => evaluation.Accuracy ?? base.Score(evaluation);
}
