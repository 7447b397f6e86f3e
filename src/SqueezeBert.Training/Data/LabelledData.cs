using System.Globalization;
using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Training.Data;

/// <summary>
/// Labelled texts from tables: columns by name, labels to ids, long texts cut. A row is held out by the hash of its text.
/// </summary>
internal sealed class LabelledData
{
    private const int RowsAtATime = 4096;

    private readonly StageRecipe _stage;
    private readonly BertTokenizer _tokenizer;
    private readonly StageData _target;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly List<(string Text, string? Pair, string Label, long Line)> _rows = new(RowsAtATime);

    private LabelledData(StageRecipe stage, IReadOnlyList<string>? knownLabels, BertTokenizer tokenizer, StageData target)
    {
        _stage = stage;
        _tokenizer = tokenizer;
        _target = target;
        var labels = stage.Labels ?? knownLabels?.Select(label => (Value: label, Name: label)).ToList();
        foreach (var (value, name) in labels ?? [])
        {
            _ids.Add(value, _names.Count);
            _names.Add(name);
        }

        LabelsAreFixed = labels is not null;
    }

    private bool LabelsAreFixed { get; }

    /// <param name="stage">Files and labels.</param>
    /// <param name="dataRoot">Folder of relative files.</param>
    /// <param name="knownLabels">Labels of the model that training starts from, where the stage names none; null: in order of
    /// appearance.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="target">Receives the examples.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static void Read(
        StageRecipe stage, string dataRoot, IReadOnlyList<string>? knownLabels, BertTokenizer tokenizer, StageData target,
        CancellationToken cancellationToken)
    {
        var data = new LabelledData(stage, knownLabels, tokenizer, target);

        // Multi-label rows can name labels that no row before had, so their number is known only after a first pass.
        if (stage.Task == TrainingTask.MultiLabel && !data.LabelsAreFixed) data.CollectLabels(dataRoot, cancellationToken);
        for (var i = 0; i < stage.Data.Count; i++) data.ReadFile(Path.Combine(dataRoot, stage.Data[i].File), i, cancellationToken);
        target.Labels = stage.Task == TrainingTask.Regression ? ["LABEL_0"] : data._names;
    }

    private void CollectLabels(string dataRoot, CancellationToken cancellationToken)
    {
        foreach (var source in _stage.Data)
        {
            using var reader = TableReader.Open(Path.Combine(dataRoot, source.File), source.TableOptions);
            foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
            {
                foreach (var label in LabelList.Split(row[source.Label])) Id(label, reader.Name, row.Line);
            }
        }
    }

    private void ReadFile(string path, int sourceIndex, CancellationToken cancellationToken)
    {
        var source = _stage.Data[sourceIndex];
        using var reader = TableReader.Open(path, source.TableOptions);
        reader.RequireColumn(source.Text);
        reader.RequireColumn(source.Label);
        if (source.Pair is not null) reader.RequireColumn(source.Pair);
        foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
        {
            _rows.Add((row[source.Text], source.Pair is null ? null : row[source.Pair], row[source.Label], row.Line));
            if (_rows.Count == RowsAtATime) Flush(reader.Name, sourceIndex, cancellationToken);
        }

        Flush(reader.Name, sourceIndex, cancellationToken);
    }

    private void Flush(string file, int sourceIndex, CancellationToken cancellationToken)
    {
        var source = _stage.Data[sourceIndex];
        var windows = _stage.LongTexts == LongTexts.Windows;
        var options = new EncodingOptions
        {
            MaxLength = _stage.MaxLength,
            ReturnOffsets = false,
            ReturnOverflowing = windows,
            Stride = windows ? _stage.Stride : 0
        };
        var encodings = Encode(file, source.Pair is not null, options, cancellationToken);
        for (var i = 0; i < _rows.Count; i++)
        {
            var row = _rows[i];
            var heldOut = _stage.HeldOut > 0 && HashSplit.IsHeldOut(row.Text, _stage.HeldOut);
            var set = heldOut ? _target.HeldOut : _target.Train;
            var label = Label(set, row.Label, file, row.Line);
            var text = set.AddText(sourceIndex);
            Add(encodings[i]);
            foreach (var window in encodings[i].Overflowing) Add(window);

            void Add(Encoding encoding)
            {
                var second = encoding.TypeIds.IndexOf(1);
                set.Add(encoding.Ids, second < 0 ? encoding.Length : second, label, text);
                if (!heldOut) _target.Weights.Add((float)source.Weight);
            }
        }

        _rows.Clear();
    }

    private IReadOnlyList<Encoding> Encode(string file, bool isPair, EncodingOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return isPair
                ? _tokenizer.EncodeBatch([.. _rows.Select(row => (row.Text, row.Pair!))], options, cancellationToken)
                : _tokenizer.EncodeBatch([.. _rows.Select(row => row.Text)], options, cancellationToken);
        }
        catch (ArgumentException) when (isPair)
        {
            // A pair whose other text leaves no room for a window; look which.
            foreach (var row in _rows)
            {
                try
                {
                    _tokenizer.Encode(row.Text, row.Pair!, options);
                }
                catch (ArgumentException e)
                {
                    throw new DataFormatException(file, row.Line, $"the pair cannot be cut into windows: {e.Message}", e);
                }
            }

            throw;
        }
    }

    private int Label(ExampleSet set, string text, string file, long line)
    {
        switch (_stage.Task)
        {
            case TrainingTask.Regression:
                if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
                    throw new DataFormatException(file, line, $"'{text}' is not a number, which a regression needs");
                return set.AddValues([value]);
            case TrainingTask.MultiLabel:
                var values = new float[_names.Count];
                foreach (var label in LabelList.Split(text)) values[Id(label, file, line)] = 1;
                return set.AddValues(values);
            default:
                return Id(text.Trim(), file, line);
        }
    }

    private int Id(string value, string file, long line)
    {
        if (_ids.TryGetValue(value, out var id)) return id;
        if (LabelsAreFixed)
            throw new DataFormatException(file, line,
                $"label '{value}' is not one of {string.Join(", ", _ids.Keys.Select(key => $"'{key}'"))}; add it to \"labels\" or " +
                    "correct the row");
        if (value.Length == 0) throw new DataFormatException(file, line, "the label is empty");
        _ids.Add(value, _names.Count);
        _names.Add(value);
        return _names.Count - 1;
    }
}
