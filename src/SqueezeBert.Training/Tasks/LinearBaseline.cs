using System.Diagnostics;
using SqueezeBert.Evaluation;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>What a linear model comes to on the examples of a stage: the same rows trained on, the same texts evaluated.</summary>
/// <param name="Accuracy">Share of the evaluated texts whose label, or all of whose labels, it gets right, 0 to 1.</param>
/// <param name="Time">Reading, learning and evaluating.</param>
internal sealed record LinearBaseline(double Accuracy, TimeSpan Time)
{
    /// <summary>Reads the files once more; null where the task has no classes.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="data">What was read of it: labels, and how many texts are evaluated.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static LinearBaseline? Of(StageInput input, StageData data, CancellationToken cancellationToken)
    {
        var kind = input.Stage.Task.Labels;
        var count = data.HeldOut.TextCount;
        if (kind is not (LabelKind.Name or LabelKind.Names) || count == 0) return null;
        var started = Stopwatch.GetTimestamp();
        var labels = new LabelIds(input.GivenLabels ?? [.. data.Labels.Select(label => (label, label))]);
        var model = LinearTextClassifier.Train(
            Rows().Where(row => !row.Row.IsHeldOut).Select(row => (row.Row.Text, row.Row.Pair, row.Classes)), data.Labels.Count,
            kind == LabelKind.Names, cancellationToken);
        var (right, all, place) = (0, 0, 0);
        foreach (var (row, classes) in Rows().Where(row => row.Row.IsHeldOut))
        {
            if (!EvenSample.IsChosen(place++, input.Stage.EvaluationLimit, count)) continue;
            var scores = model.Predict(row.Text, row.Pair);
            var isRight = kind == LabelKind.Name ? scores.AsSpan().IndexOf(scores.Max()) == classes[0]
                : Enumerable.Range(0, scores.Length).All(label => scores[label] > 0.5f == classes.Contains(label));
            right += isRight ? 1 : 0;
            all++;
        }

        return new LinearBaseline(all == 0 ? 0 : (double)right / all, Stopwatch.GetElapsedTime(started));

        IEnumerable<(LabelledRow Row, IReadOnlyList<int> Classes)> Rows()
        {
            for (var i = 0; i < input.Stage.Sources.Count; i++)
            {
                var file = input.PathOf(input.Stage.Sources[i]);
                foreach (var row in LabelledRow.Read(input, i, cancellationToken).Where(row => row.IsLabelled))
                {
                    var names = kind == LabelKind.Names ? LabelList.Split(row.Label) : [row.Label.Trim()];
                    yield return (row, [.. names.Select(name => labels.Id(name, file, row.Line)).Distinct()]);
                }
            }
        }
    }
}
