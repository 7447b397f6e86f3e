using System.Globalization;
using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>One number per text. The loss is the mean squared error.</summary>
internal sealed class RegressionTask() : LabelledTask("regression")
{
    internal override LabelKind Labels => LabelKind.Number;

    internal override string Files => "a table with one text and one number per row";

    internal override ProblemType Problem => ProblemType.Regression;

    internal override int ReadLabel(string text, LabelIds labels, ExampleSet set, string file, long line) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
            ? set.AddValues([value])
            : throw new DataFormatException(file, line, $"'{text}' is not a number, which a regression needs");

    internal override IReadOnlyList<string> OutputLabels(LabelIds labels) => ["LABEL_0"];

    internal override Loss CreateLoss(StageRecipe stage) => new MeanSquaredError();

    /// <summary>Sets the bias of a new head to the mean of the labels, which it would otherwise take many steps to reach.</summary>
    internal override void InitializeHead(
        StageRecipe stage, StageData data, Graph graph, ParameterStore parameters, IReadOnlySet<string> random)
    {
        var bias = ((LinearNode)graph.Output(stage.OutputPrefix + OutputNames.Logits).Node).Bias?.Leaves.Single();
        if (bias is null || !random.Contains(bias.Name) || data.Train.Count == 0) return;
        var sum = 0.0;
        for (var i = 0; i < data.Train.Count; i++) sum += data.Train.Values(data.Train[i], 1)[0];
        parameters.ValueSpan(bias)[0] = (float)(sum / data.Train.Count);
    }

    internal override bool? IsRight(ReadOnlySpan<float> scores, LabelBatch label) => null;
}
