using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Tasks;

/// <summary>A row of a labelled table.</summary>
/// <param name="Text">The text, or the first of a pair.</param>
/// <param name="Pair">The second text, or null.</param>
/// <param name="Label">As the file has it.</param>
/// <param name="Line">From 1.</param>
/// <param name="IsHeldOut">Whether it is evaluated and not trained on.</param>
/// <param name="IsLabelled">False where a teacher is to give the label.</param>
internal readonly record struct LabelledRow(string Text, string? Pair, string Label, long Line, bool IsHeldOut, bool IsLabelled = true)
{
    /// <summary>Streams a file of a stage. A row is held out by the hash of its text or group, or because its file is evaluated.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="sourceIndex">The file's number among <see cref="StageRecipe.Sources"/>.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked before each row.</param>
    /// <exception cref="DataFormatException">A column is missing or a row is malformed.</exception>
    public static IEnumerable<LabelledRow> Read(StageInput input, int sourceIndex, CancellationToken cancellationToken)
    {
        var (stage, source) = (input.Stage, input.Stage.Sources[sourceIndex]);
        var isEvaluated = sourceIndex >= stage.Data.Count;
        using var reader = TableReader.Open(input.PathOf(source), source.TableOptions);
        foreach (var column in (string?[])[source.Text, source.IsUnlabelled ? null : source.Label, source.Pair, source.Group])
        {
            if (column is not null) reader.RequireColumn(column);
        }

        foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
        {
            var text = row[source.Text];
            var group = source.Group is null ? text : row[source.Group];
            var label = source.IsUnlabelled ? "" : row[source.Label];

            // Of several labels an empty list says that none is true.
            var isLabelled = isEvaluated || stage.Teacher is null
                || (stage.Task.Labels == LabelKind.Names ? !source.IsUnlabelled : label.AsSpan().Trim().Length > 0);
            yield return new LabelledRow(text, source.Pair is null ? null : row[source.Pair], label, row.Line,
                isEvaluated || (isLabelled && stage.HeldOut > 0 && HashSplit.IsHeldOut(group, stage.HeldOut)), isLabelled);
        }
    }
}
