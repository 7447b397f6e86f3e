using SqueezeBert.Evaluation;
using SqueezeBert.Gradients.Losses.Distillation;
using SqueezeBert.Tokenization;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// Labelled texts from tables: columns by name, labels to ids, long texts cut.
/// </summary>
internal sealed class LabelledData
{
    private const int RowsAtATime = 4096;

    private readonly StageInput _input;
    private readonly LabelledTask _task;
    private readonly LabelIds _labels;
    private readonly ExampleWindows _windows;
    private readonly StageData _target = new();
    private readonly List<LabelledRow> _rows = new(RowsAtATime);

    private LabelledData(StageInput input, LabelledTask task)
    {
        _input = input;
        _task = task;
        _labels = new LabelIds(input.GivenLabels);
        _windows = new ExampleWindows(input.Tokenizer, Stage.MaxLength, Stage.LongText);
    }

    private StageRecipe Stage => _input.Stage;

    /// <exception cref="DataFormatException">A column is missing, or a row is malformed or has no label of the stage.</exception>
    public static StageData Read(StageInput input, LabelledTask task, CancellationToken cancellationToken)
    {
        var data = new LabelledData(input, task);

        // Rows with several labels can name some that no row before had, so their number is known only after a first pass.
        if (task.Labels == LabelKind.Names && !data._labels.AreFixed) data.CollectLabels(cancellationToken);
        for (var i = 0; i < input.Stage.Sources.Count; i++)
        {
            if (i == input.Stage.Data.Count) data._labels.Fix();
            data.ReadFile(i, cancellationToken);
        }

        data._target.Labels = task.OutputLabels(data._labels);
        return data._target;
    }

    private void CollectLabels(CancellationToken cancellationToken)
    {
        foreach (var source in Stage.Data.Where(source => !source.IsUnlabelled))
        {
            using var reader = TableReader.Open(_input.PathOf(source), source.TableOptions);
            foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
            {
                foreach (var label in LabelList.Split(row[source.Label])) _labels.Id(label, reader.Name, row.Line);
            }
        }
    }

    private void ReadFile(int sourceIndex, CancellationToken cancellationToken)
    {
        var file = _input.PathOf(Stage.Sources[sourceIndex]);
        foreach (var row in LabelledRow.Read(_input, sourceIndex, cancellationToken))
        {
            _rows.Add(row);
            if (_rows.Count == RowsAtATime) Flush(file, sourceIndex, cancellationToken);
        }

        Flush(file, sourceIndex, cancellationToken);
    }

    private void Flush(string file, int sourceIndex, CancellationToken cancellationToken)
    {
        var source = Stage.Sources[sourceIndex];
        var first = Tokenize([.. _rows.Select(row => row.Text)], isPair: source.Pair is not null, cancellationToken);
        var second = source.Pair is null ? [] : Tokenize([.. _rows.Select(row => row.Pair!)], isPair: true, cancellationToken);
        for (var i = 0; i < _rows.Count; i++)
        {
            var row = _rows[i];
            var set = row.IsHeldOut ? _target.HeldOut : _target.Train;
            var label = row.IsLabelled ? _task.ReadLabel(row.Label, _labels, set, file, row.Line) : PseudoLabel.None;
            var text = set.AddText(sourceIndex);

            // What is held out is read as the pipelines read it, so that its scores are those that users get.
            int? overlap = row.IsHeldOut ? null : Stage.Stride;
            int count;
            try
            {
                count = source.Pair is null
                    ? _windows.Add(set, first[i].Ids, label, text, overlap)
                    : _windows.Add(set, first[i].Ids, second[i].Ids, label, text, overlap);
            }
            catch (ArgumentException e)
            {
                var what = source.Pair is null ? "text" : "pair";
                throw new DataFormatException(file, row.Line, $"the {what} cannot be cut into windows: {e.Message}", e);
            }

            if (!row.IsHeldOut) _target.Weights.AddRange(Enumerable.Repeat((float)source.Weight, count));
        }

        _rows.Clear();
    }

    // Of a pair, both texts are needed whole to know which is cut.
    private IReadOnlyList<TextEncoding> Tokenize(IReadOnlyList<string> texts, bool isPair, CancellationToken cancellationToken) =>
        _input.Tokenizer.EncodeBatch(
            texts,
            new EncodingOptions
            {
                AddSpecialTokens = false,
                MaxLength = isPair || Stage.LongText == LongText.Windows ? null : Stage.MaxLength,
                ReturnOffsets = false,
            },
            cancellationToken);
}
