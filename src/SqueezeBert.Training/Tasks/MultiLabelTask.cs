using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>Any number of labels per text. The loss is the binary cross-entropy of each label.</summary>
internal sealed class MultiLabelTask() : SoftLabelTask("multi-label")
{
    internal override LabelKind Labels => LabelKind.Names;

    internal override string Files =>
        "a table with one text and its labels per row, separated by commas, semicolons or spaces, or a JSON array";

    internal override ProblemType Problem => ProblemType.MultiLabelClassification;

    internal override int ReadLabel(string text, LabelIds labels, ExampleSet set, string file, long line)
    {
        var values = new float[labels.Names.Count];
        foreach (var label in LabelList.Split(text)) values[labels.Id(label, file, line)] = 1;
        return set.AddValues(values);
    }

    internal override Loss CreateLoss(StageRecipe stage) => new BinaryCrossEntropy();

    internal override Loss CreateSoftLoss(SoftLabels soft) => new SoftMultiLabelLoss(soft.Weight, soft.Temperature, soft.MatchLogits);

    internal override void AddLabel(LabelBatch labels, ExampleSet set, Example example, int outputs)
    {
        if (example.Label == PseudoLabel.None) labels.AddUnknownValues(outputs);
        else base.AddLabel(labels, set, example, outputs);
    }

    // As the evaluation of a saved model counts: each label's answer is the right one.
    internal override bool? IsRight(ReadOnlySpan<float> scores, LabelBatch label)
    {
        for (var k = 0; k < scores.Length; k++)
        {
            if (scores[k] > 0.5f != label.Values[k] > 0.5f) return false;
        }

        return true;
    }

    internal override double Score(EvaluationSummary evaluation) => evaluation.Accuracy ?? base.Score(evaluation);
}
