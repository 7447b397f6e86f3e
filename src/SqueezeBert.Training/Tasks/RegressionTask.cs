using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>A number a text: mean squared error.</summary>
internal sealed class RegressionTask() : LabelledTask("regression")
{
    internal override LabelKind Labels => LabelKind.Number;

    internal override ProblemType Problem => ProblemType.Regression;

    internal override int ReadLabel(string text, LabelIds labels, ExampleSet set, string file, long line) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? set.AddValues([value])
            : throw new DataFormatException(file, line, $"'{text}' is not a number, which a regression needs");

    internal override IReadOnlyList<string> OutputLabels(LabelIds labels) => ["LABEL_0"];

    internal override Loss CreateLoss(StageRecipe stage) => new MeanSquaredError();

    internal override bool? IsRight(ReadOnlySpan<float> scores, LabelBatch label) => null;
}
